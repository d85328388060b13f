// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How processes were started. {@link ProcessHandle.Info#commandLine} ends after 4,096 bytes, which a class path may take. */
final class CommandLines {
    private CommandLines() {}

    /** The arguments with blanks between them; nothing where the process is gone. */
    static String of(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }
}
