// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** How a host reads a request to open a port (ABI §5.3): wishes out of bounds are not errors. */
final class Wishes {
    static final int DEFAULT_SLOTS = 1024;
    static final int MAX_SLOTS = 4096;
    private static final int MAX_RINGS = 256;

    private Wishes() {}

    /** A wish within bounds. */
    static int count(int wish, int byDefault, int most) {
        return wish < 1 ? byDefault : Math.min(wish, most);
    }

    /**
     * The sizes of a port that a request makes.
     *
     * @param rings of each direction, where it has no wish
     */
    static PortShape shape(PortRequest request, int rings) {
        return new PortShape(
                count(request.txRings(), rings, MAX_RINGS),
                count(request.txSlots(), DEFAULT_SLOTS, MAX_SLOTS),
                count(request.rxRings(), rings, MAX_RINGS),
                count(request.rxSlots(), DEFAULT_SLOTS, MAX_SLOTS));
    }

    /** Numbers of the transmit rings that a request selects. */
    static List<Integer> txRings(PortRequest request, PortShape shape) {
        return select(request, shape.txRings(), shape.rxRings(), NmreqRegister.NR_RX_RINGS_ONLY);
    }

    /** Numbers of the receive rings that a request selects. */
    static List<Integer> rxRings(PortRequest request, PortShape shape) {
        return select(request, shape.rxRings(), shape.txRings(), NmreqRegister.NR_TX_RINGS_ONLY);
    }

    /** Of a port of which one ring alone is asked for, this is 0 in a direction that has fewer. */
    private static List<Integer> select(PortRequest request, int count, int countOfOther, int suppressingFlag) {
        if ((request.flags() & suppressingFlag) != 0) {
            return List.of();
        }
        if (request.mode() != NmreqRegister.NR_REG_ONE_NIC) {
            return numbers(count);
        }
        if (request.ringId() >= Math.max(count, countOfOther)) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    "there is no ring " + request.ringId() + ": the port has " + count + " and " + countOfOther);
        }
        return List.of(request.ringId() < count ? request.ringId() : 0);
    }

    /** The numbers of so many rings. */
    static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /**
     * The rings that a request selects, those of transmit rings first.
     *
     * @param end of a pipe; 0 for others
     */
    static List<Grant.HeldRing> rings(PortRequest request, PortShape shape, int end) {
        List<Grant.HeldRing> rings = new ArrayList<>();
        txRings(request, shape).forEach(ring -> rings.add(new Grant.HeldRing(end, ring, true)));
        rxRings(request, shape).forEach(ring -> rings.add(new Grant.HeldRing(end, ring, false)));
        return rings;
    }

    /** The same request for all rings, of any size. */
    static PortRequest allRings(PortRequest request) {
        return new PortRequest(
                request.name(), NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, 0, 0, 0, 0, 0, 0, request.extraBufs());
    }

    /** Why a port is not opened. */
    static LinuxException refuse(PortRequest request, Errno errno, String detail) {
        return new LinuxException("REGISTER " + request.name(), errno, detail);
    }

    /** Why a port is not opened of which a ring is. */
    static LinuxException refuse(PortRequest request, Grant.HeldRing open, String instead) {
        return refuse(
                request,
                Errno.EBUSY,
                (open.transmit() ? "transmit" : "receive") + " ring " + open.ring()
                        + " is open already: close it there, or open " + instead);
    }
}
