// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import io.ptnetmap.linux.FileErrors;
import java.io.IOException;
import java.nio.file.Path;

/** A capture file that cannot be read or written. The message is one line: the file, the place in it, and what is wrong. */
public final class CaptureException extends RuntimeException {
    CaptureException(String message) {
        super(message);
    }

    CaptureException(Path file, String doing, IOException cause) {
        super(file + ": cannot be " + doing + ": " + FileErrors.why(cause), cause);
    }
}
