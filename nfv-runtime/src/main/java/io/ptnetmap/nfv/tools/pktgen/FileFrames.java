// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.nfv.tools.ToolException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** The first packet of a capture file, over and over. */
final class FileFrames implements Frames {
    private static final int MAX_LENGTH = 65_536;

    private final Arena arena = Arena.ofShared();
    private final int length;
    private final long address;

    FileFrames(Path file) {
        try (CaptureReader reader = CaptureReader.open(file)) {
            if (!reader.next()) {
                throw new ToolException(file + " holds no packet to send");
            }
            length = reader.length();
            if (length == 0 || length > MAX_LENGTH) {
                throw new ToolException(
                        file + ": its first packet has " + length + " bytes; 1 to " + MAX_LENGTH + " can be sent");
            }
            address = arena.allocate(MAX_LENGTH + 64L, 64).address();
            reader.copyTo(0, address, length);
        }
    }

    @Override
    public int next() {
        return length;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public int longest() {
        return length;
    }

    @Override
    public void close() {
        arena.close();
    }
}
