// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.nfv.tools.ToolException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a {@link PacketGenerator} is to do.
 *
 * @param port specification
 * @param role what to do with it
 * @param frames what generated packets are like
 * @param file capture file whose first packet is sent instead
 * @param count packets in all, 0 = no limit
 * @param burst most packets at once
 * @param fragments slots of each packet; 0 = as many as it needs
 * @param fragmentSize bytes of each slot but the last; 0 = those of a buffer
 * @param rate packets per second, of all threads, 0 = no limit
 * @param threads how many; more than one: each has a ring of its own
 * @param firstCpu processor of the first thread, -1 = any
 * @param cpus how many processors threads are spread over from there on
 * @param periodMillis between reports
 * @param waitSeconds for the link, before the start
 * @param endWhenIdle whether receiving ends when nothing has come for a second
 * @param leaveBuffers whether packets have the length only, and whatever stands in their buffers
 * @param headerLength zero bytes before each packet, for a virtio-net header
 * @param dump whether to show packets
 * @param plain whether numbers are shown without prefixes
 * @param deviation whether to show mean and standard deviation
 * @param framing whether to count what is around a frame on a wire
 */
public record GeneratorConfig(
        String port,
        Role role,
        FrameConfig frames,
        Optional<Path> file,
        long count,
        int burst,
        int fragments,
        int fragmentSize,
        long rate,
        int threads,
        int firstCpu,
        int cpus,
        long periodMillis,
        int waitSeconds,
        boolean endWhenIdle,
        boolean leaveBuffers,
        int headerLength,
        boolean dump,
        boolean plain,
        boolean deviation,
        boolean framing) {
    /** Preamble, check sequence and gap around each frame on a wire, in bytes. */
    static final int FRAMING = 24;

    private static final int MAX_FRAGMENTS = 63;
    private static final int MAX_THREADS = 256;

    /** @throws ToolException if it cannot be done */
    public GeneratorConfig {
        require(count >= 0, "-n takes a number of packets, 0 for no end; " + count + " is less");
        require(burst >= 1, "-b takes a number of packets from 1 on; " + burst + " is less");
        require(
                fragments >= 0 && fragments <= MAX_FRAGMENTS,
                "-F takes 1 to " + MAX_FRAGMENTS + " fragments, not " + fragments);
        require(fragmentSize >= 0, "-M takes a number of bytes; " + fragmentSize + " is less than 0");
        require(rate >= 0, "-R takes packets per second, 0 for no limit; " + rate + " is less");
        require(threads >= 1 && threads <= MAX_THREADS, "-p takes 1 to " + MAX_THREADS + " threads, not " + threads);
        require(
                threads == 1 || role != Role.PING && role != Role.PONG,
                "ping and pong are for one thread: leave out -p");
        require(cpus >= 0, "-c takes a number of processors, 0 for all; " + cpus + " is less");
        require(periodMillis >= 1, "-T takes milliseconds from 1 on; " + periodMillis + " is less");
        require(waitSeconds >= 0, "-w takes seconds; " + waitSeconds + " is less than 0");
        require(
                headerLength == 0 || headerLength == 10 || headerLength == 12,
                "-H takes 0, 10 or 12, the lengths of a virtio-net header, not " + headerLength);
        require(
                fragments == 0 || fragmentSize == 0 || (long) fragments * fragmentSize >= frames.maxSize(),
                "-F " + fragments + " -M " + fragmentSize + " hold " + (long) fragments * fragmentSize
                        + " bytes, fewer than a packet has (" + frames.maxSize() + ")");
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new ToolException(problem);
        }
    }
}
