// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link LoadBalancer} has done since the last time, as lines of JSON: one for each pipe, and one for all, whose
 * {@code output_ring} is null. For one thread.
 */
public final class Statistics {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    /** How many rounds may pass before the clock is looked at. */
    private static final int ROUNDS = 64;

    private final PrintWriter out;
    private final PrintWriter err;
    private final List<Totals> before = new ArrayList<>();
    private long lastNanos;
    private long stdoutAt;
    private long syslogAt;
    private int rounds;
    private boolean logging = true;

    /**
     * @param out gets the lines for standard output
     * @param err gets complaints
     */
    public Statistics(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    private record Totals(long packets, long bytes, long droppedPackets, long droppedBytes) {
        static final Totals NONE = new Totals(0, 0, 0, 0);

        static Totals of(OutputPipe pipe) {
            return new Totals(pipe.packets, pipe.bytes, pipe.droppedPackets, pipe.droppedBytes);
        }

        Totals plus(Totals other) {
            return new Totals(
                    packets + other.packets,
                    bytes + other.bytes,
                    droppedPackets + other.droppedPackets,
                    droppedBytes + other.droppedBytes);
        }

        /** The part of a line that is the same for a pipe and for all. */
        String json(Totals earlier, double seconds) {
            return String.format(
                    Locale.ROOT,
                    "\"packets_forwarded\":%d,\"packets_dropped\":%d,\"data_forward_rate_Mbps\":%.4f,"
                            + "\"data_drop_rate_Mbps\":%.4f,\"packet_forward_rate_kpps\":%.4f,\"packet_drop_rate_kpps\":%.4f",
                    packets,
                    droppedPackets,
                    (bytes - earlier.bytes) * 8 / 1e6 / seconds,
                    (droppedBytes - earlier.droppedBytes) * 8 / 1e6 / seconds,
                    (packets - earlier.packets) / 1e3 / seconds,
                    (droppedPackets - earlier.droppedPackets) / 1e3 / seconds);
        }
    }

    void start(LoadBalancer balancer) {
        lastNanos = System.nanoTime();
        stdoutAt = lastNanos + balancer.config().stdoutSeconds() * NANOS_PER_SECOND;
        syslogAt = lastNanos + balancer.config().syslogSeconds() * NANOS_PER_SECOND;
    }

    void turn(LoadBalancer balancer) {
        if (++rounds % ROUNDS != 0
                || balancer.config().stdoutSeconds() + balancer.config().syslogSeconds() == 0) {
            return;
        }
        long now = System.nanoTime();
        boolean print = balancer.config().stdoutSeconds() > 0 && now >= stdoutAt;
        boolean log = balancer.config().syslogSeconds() > 0 && now >= syslogAt;
        if (!print && !log) {
            return;
        }
        List<String> lines = lines(balancer, now);
        if (print) {
            stdoutAt += balancer.config().stdoutSeconds() * NANOS_PER_SECOND;
            print(lines);
        }
        if (log) {
            syslogAt += balancer.config().syslogSeconds() * NANOS_PER_SECOND;
            log(lines);
        }
    }

    /** The last word, on standard output whether or not there were others. */
    void end(LoadBalancer balancer) {
        print(lines(balancer, System.nanoTime()));
    }

    private void print(List<String> lines) {
        lines.forEach(out::println);
        out.flush();
    }

    private void log(List<String> lines) {
        if (!logging) {
            return;
        }
        try {
            Process logger = new ProcessBuilder("logger", "-t", "lb").start();
            try (PrintWriter writer = new PrintWriter(logger.outputWriter())) {
                lines.forEach(writer::println);
            }
        } catch (IOException missing) {
            logging = false;
            err.println("statistics cannot be logged, logger(1) cannot be run: " + missing.getMessage());
            err.flush();
        }
    }

    private List<String> lines(LoadBalancer balancer, long now) {
        double seconds = Math.max(1, now - lastNanos) / (double) NANOS_PER_SECOND;
        lastNanos = now;
        List<String> lines = new ArrayList<>();
        String start = "{\"ts\":" + String.format(Locale.ROOT, "%.6f", System.currentTimeMillis() / 1e3);
        Totals all = Totals.NONE;
        Totals allBefore = Totals.NONE;
        int queued = 0;
        int index = 0;
        for (int g = 0; g < balancer.groups().size(); g++) {
            List<OutputPipe> pipes = balancer.groups().get(g);
            for (int i = 0; i < pipes.size(); i++, index++) {
                OutputPipe pipe = pipes.get(i);
                Totals totals = Totals.of(pipe);
                Totals earlier = index < before.size() ? before.get(index) : Totals.NONE;
                lines.add(start + ",\"interface\":\""
                        + balancer.config().groups().get(g).name()
                        + "\",\"output_ring\":" + i + "," + totals.json(earlier, seconds)
                        + ",\"overflow_queue_size\":" + pipe.queue.size() + "}");
                all = all.plus(totals);
                allBefore = allBefore.plus(earlier);
                queued += pipe.queue.size();
                if (index < before.size()) {
                    before.set(index, totals);
                } else {
                    before.add(totals);
                }
            }
        }
        lines.add(start + ",\"interface\":\"" + balancer.config().port()
                + "\",\"output_ring\":null,\"packets_received\":"
                + balancer.received() + "," + all.json(allBefore, seconds) + ",\"non_ip_packets\":" + balancer.nonIp()
                + ",\"overflow_queue_size\":" + queued + ",\"free_buffer_slots\":" + balancer.freeBuffers() + "}");
        return lines;
    }
}
