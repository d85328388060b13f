// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import static io.ptnetmap.nfv.tools.ToolException.require;

import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.ToolLimits;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a {@link PacketGenerator} is to do.
 *
 * @param port specification
 * @param role what to do with it
 * @param frames what generated packets are like
 * @param file capture file whose first packet is sent instead
 * @param load how many packets, and how fast
 * @param slots how a packet lies in its ring
 * @param threads who does it
 * @param reports what is told meanwhile
 * @param waitSeconds for the link, before the start
 * @param endWhenIdle whether receiving ends when nothing has come for a second
 */
public record GeneratorConfig(
        String port,
        Role role,
        FrameConfig frames,
        Optional<Path> file,
        Load load,
        Slots slots,
        Threads threads,
        Reports reports,
        int waitSeconds,
        boolean endWhenIdle) {
    /** Preamble, check sequence and gap around each frame on a wire, in bytes. */
    static final int FRAMING = 24;

    private static final int MAX_FRAGMENTS = 63;
    private static final int MAX_THREADS = 256;

    /**
     * How many packets, and how fast.
     *
     * @param count packets in all, 0 = no limit
     * @param burst most packets at once
     * @param rate packets per second, of all threads, 0 = no limit
     */
    public record Load(long count, int burst, long rate) {
        /** @throws ToolException if it cannot be done */
        public Load {
            require(count >= 0, "-n takes a number of packets, 0 for no end; " + count + " is less");
            require(burst >= 1, "-b takes a number of packets from 1 on; " + burst + " is less");
            require(rate >= 0, "-R takes packets per second, 0 for no limit; " + rate + " is less");
        }
    }

    /**
     * How a packet lies in the slots of a ring.
     *
     * @param fragments slots of each packet; 0 = as many as it needs
     * @param fragmentSize bytes of each slot but the last; 0 = those of a buffer
     * @param headerLength zero bytes before each packet, for a virtio-net header
     * @param leaveBuffers whether packets have the length only, and whatever stands in their buffers
     */
    public record Slots(int fragments, int fragmentSize, int headerLength, boolean leaveBuffers) {
        /** @throws ToolException if it cannot be done */
        public Slots {
            require(
                    fragments >= 0 && fragments <= MAX_FRAGMENTS,
                    "-F takes 1 to " + MAX_FRAGMENTS + " fragments, not " + fragments);
            require(fragmentSize >= 0, "-M takes a number of bytes; " + fragmentSize + " is less than 0");
            require(
                    headerLength == 0 || headerLength == 10 || headerLength == 12,
                    "-H takes 0, 10 or 12, the lengths of a virtio-net header, not " + headerLength);
        }
    }

    /**
     * Who does it.
     *
     * @param number of threads; more than one: each has a ring of its own
     * @param firstCpu processor of the first one, -1 = any
     * @param cpus how many processors they are spread over from there on
     */
    public record Threads(int number, int firstCpu, int cpus) {
        /** @throws ToolException if it cannot be done */
        public Threads {
            require(number >= 1 && number <= MAX_THREADS, "-p takes 1 to " + MAX_THREADS + " threads, not " + number);
            require(cpus >= 0, "-c takes a number of processors, 0 for all; " + cpus + " is less");
        }
    }

    /**
     * What is told.
     *
     * @param periodMillis between reports
     * @param dump whether to show packets
     * @param plain whether numbers are shown without prefixes
     * @param deviation whether to show mean and standard deviation
     * @param framing whether to count what is around a frame on a wire
     */
    public record Reports(long periodMillis, boolean dump, boolean plain, boolean deviation, boolean framing) {
        /** @throws ToolException if it cannot be done */
        public Reports {
            require(periodMillis >= 1, "-T takes milliseconds from 1 on; " + periodMillis + " is less");
        }
    }

    /** @throws ToolException if it cannot be done */
    public GeneratorConfig {
        require(
                threads.number() == 1 || role != Role.PING && role != Role.PONG,
                "ping and pong are for one thread: leave out -p");
        ToolLimits.requireWait(waitSeconds);
        long most = (long) slots.fragments() * slots.fragmentSize();
        require(
                slots.fragments() == 0 || slots.fragmentSize() == 0 || most >= frames.maxSize(),
                "-F " + slots.fragments() + " -M " + slots.fragmentSize() + " hold " + most
                        + " bytes, fewer than a packet has (" + frames.maxSize() + ")");
    }
}
