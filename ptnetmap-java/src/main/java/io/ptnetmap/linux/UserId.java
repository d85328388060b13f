// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who runs this process. */
public final class UserId {
    private UserId() {}

    /** The numeric id of the user of this process. */
    public static int current() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException noProc) {
            throw new UncheckedIOException(noProc);
        }
    }
}
