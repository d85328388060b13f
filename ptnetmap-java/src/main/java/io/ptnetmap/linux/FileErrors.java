// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be used, in words: of most failures Java says which file it was, and nothing else. */
public final class FileErrors {
    private FileErrors() {}

    /** Without the file's name, to be put behind it. */
    public static String why(IOException failure) {
        return switch (failure) {
            case FileSystemException e when e.getReason() != null -> e.getReason();
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "it exists already";
            case CharacterCodingException _ -> "it is no text in UTF-8";
            default -> String.valueOf(failure.getMessage());
        };
    }
}
