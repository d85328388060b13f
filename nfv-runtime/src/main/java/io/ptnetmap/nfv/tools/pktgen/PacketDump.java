// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.Ring;
import io.ptnetmap.memory.Memory;
import java.io.PrintWriter;
import java.util.HexFormat;

/** Shows the slots that packets are in, and their bytes. From any thread. */
final class PacketDump {
    private static final int ROW = 16;

    private final PrintWriter out;

    PacketDump(PrintWriter out) {
        this.out = out;
    }

    void show(Ring ring, int slot) {
        int length = ring.length(slot);
        StringBuilder text = new StringBuilder(String.format(
                "ring %d slot %5d [buf %6d flags 0x%04x len %5d]%n",
                ring.ringId(), slot, ring.bufferIndex(slot), ring.flags(slot), length));
        byte[] bytes = new byte[length];
        Memory.copy(ring.bufferAddress(slot), bytes, 0, length);
        for (int at = 0; at < length; at += ROW) {
            int end = Math.min(length, at + ROW);
            StringBuilder characters = new StringBuilder();
            for (int i = at; i < end; i++) {
                characters.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            text.append(String.format(
                    "%05d: %-47s  %s%n", at, HexFormat.ofDelimiter(" ").formatHex(bytes, at, end), characters));
        }
        synchronized (out) {
            out.print(text);
            out.flush();
        }
    }
}
