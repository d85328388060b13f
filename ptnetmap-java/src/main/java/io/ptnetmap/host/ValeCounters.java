// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.SwitchPort;
import java.util.EnumMap;
import java.util.Map;

/** Packets that passed or were dropped at one place of a switch. Guarded by the lock of that place. */
final class ValeCounters {
    /** Packets taken from senders, dropped ones included. */
    long taken;
    /** Copies that were made of them, or would have been, had there been room. */
    long copies;
    /** Packets put into receive rings. */
    long delivered;

    private final long[] drops = new long[DropCause.values().length];

    void drop(DropCause cause, long packets) {
        drops[cause.ordinal()] += packets;
    }

    long dropped(DropCause cause) {
        return drops[cause.ordinal()];
    }

    void add(ValeCounters other) {
        taken += other.taken;
        copies += other.copies;
        delivered += other.delivered;
        for (int i = 0; i < drops.length; i++) {
            drops[i] += other.drops[i];
        }
    }

    /** As {@code VALE_LIST} tells it. */
    SwitchPort.Traffic traffic() {
        Map<DropCause, Long> byCause = new EnumMap<>(DropCause.class);
        for (DropCause cause : DropCause.values()) {
            byCause.put(cause, dropped(cause));
        }
        return new SwitchPort.Traffic(taken, copies, delivered, byCause);
    }

    /** As the port's user sees it: what it has received and sent. */
    PortCounters forUser() {
        long lostIn = 0;
        long lostOut = 0;
        for (DropCause cause : DropCause.values()) {
            if (cause.ordinal() < DropCause.FULL.ordinal()) {
                lostIn += dropped(cause);
            } else {
                lostOut += dropped(cause);
            }
        }
        return new PortCounters(delivered, lostOut, taken - lostIn, lostIn);
    }
}
