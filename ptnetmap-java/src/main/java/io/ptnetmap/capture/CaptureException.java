// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A capture file that cannot be read or written. The message is one line: the file, the place in it, and what is wrong. */
public final class CaptureException extends RuntimeException {
    CaptureException(String message) {
        super(message);
    }

    CaptureException(Path file, String doing, IOException cause) {
        super(file + ": cannot be " + doing + ": " + reason(cause), cause);
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case NoSuchFileException e -> "no such file or directory";
            case AccessDeniedException e -> "permission denied";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> cause.getMessage();
        };
    }
}
