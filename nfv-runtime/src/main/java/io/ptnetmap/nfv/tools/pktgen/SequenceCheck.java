// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;
import java.io.PrintWriter;

/**
 * Reads the numbers of packets that {@code txseq} has sent. Each gap and each step back is reported as it is met, up to a limit.
 * For one thread.
 */
final class SequenceCheck {
    private static final int ETHERTYPE_AT = 12;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int REPORTED = 20;

    private final PrintWriter err;
    private boolean begun;
    private boolean inPacket;
    private int next;
    private long lost;
    private long late;
    private long unnumbered;
    private int reported;

    SequenceCheck(PrintWriter err) {
        this.err = err;
    }

    void look(RxRing ring, int slot) {
        boolean first = !inPacket;
        inPacket = (ring.flags(slot) & NetmapSlot.NS_MOREFRAG) != 0;
        if (!first) {
            return;
        }
        long address = ring.bufferAddress(slot);
        int at = UdpFrames.ETHERNET_LENGTH
                + UdpFrames.UDP_LENGTH
                + (ring.length(slot) > ETHERTYPE_AT + 2
                                && (Memory.getShortBigEndian(address + ETHERTYPE_AT) & 0xffff) == ETHERTYPE_IPV6
                        ? UdpFrames.IPV6_LENGTH
                        : UdpFrames.IPV4_LENGTH);
        if (ring.length(slot) < at + UdpFrames.SEQUENCE_LENGTH) {
            unnumbered++;
            return;
        }
        check(Memory.getIntBigEndian(address + at));
    }

    private void check(int number) {
        int ahead = begun ? number - next : 0;
        begun = true;
        if (ahead < 0) {
            late++;
            // It was taken for lost when the one after it came.
            lost--;
            report("Sequence step back: ", number);
            return;
        }
        if (ahead > 0) {
            lost += ahead;
            report("Sequence gap of " + ahead + ": ", number);
        }
        next = number + 1;
    }

    private void report(String what, int number) {
        if (reported++ < REPORTED) {
            err.println(what + "expected " + Integer.toUnsignedString(next) + ", got "
                    + Integer.toUnsignedString(number)
                    + (reported == REPORTED ? "; further ones are counted only" : ""));
            err.flush();
        }
    }

    /** Packets missing. */
    long lost() {
        return Math.max(0, lost);
    }

    String summary() {
        return "Sequence: " + lost() + " lost, " + late + " out of order or twice, " + unnumbered
                + " without a number.";
    }
}
