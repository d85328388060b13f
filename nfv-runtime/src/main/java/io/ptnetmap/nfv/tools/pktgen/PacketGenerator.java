// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.tools.Quantity;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.ToolPorts;
import io.ptnetmap.nfv.tools.pktgen.Meter.Reading;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * netmap's pkt-gen: runs a {@link Role} on the rings of a port, on as many threads as are asked for, and reports once per
 * period and at the end.
 */
public final class PacketGenerator {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final GeneratorConfig config;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Deviation deviation = new Deviation();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    /**
     * @param out gets the summary
     * @param err gets the reports
     */
    public PacketGenerator(GeneratorConfig config, PrintWriter out, PrintWriter err) {
        this.config = config;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs until all is done, or {@code stop} says so.
     *
     * @throws io.ptnetmap.NetmapException if the port cannot be opened, or fails
     * @throws ToolException if the port cannot do what is asked of it
     */
    public void run(Netmap netmap, StopSignal stop) {
        List<NetmapPort> ports = new ArrayList<>();
        try {
            for (int i = 0; i < config.threads().number(); i++) {
                ports.add(open(netmap, i));
            }
            err.println(introduction(ports.getFirst()));
            err.flush();
            waitForLink(stop);
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < ports.size(); i++) {
                tasks.add(task(i, ports.get(i), stop));
            }
            runTasks(tasks, stop);
        } finally {
            ports.forEach(NetmapPort::close);
        }
    }

    private NetmapPort open(Netmap netmap, int thread) {
        NetmapPort port = ToolPorts.open(netmap, spec(thread));
        boolean lacksTx = config.role().needsTx() && port.txRings().isEmpty();
        if (lacksTx || config.role().needsRx() && port.rxRings().isEmpty()) {
            port.close();
            throw new ToolException(config.port() + " has no " + (lacksTx ? "transmit" : "receive") + " ring, which "
                    + config.role().name().toLowerCase(Locale.ROOT) + " needs");
        }
        return port;
    }

    /** With several threads each binds a ring of its own: {@code -2} comes after the name. */
    private String spec(int thread) {
        if (config.threads().number() == 1) {
            return config.port();
        }
        if (!config.port().startsWith("netmap:") && !config.port().startsWith("vale")) {
            throw new ToolException(config.port() + " has one ring per direction: leave out -p "
                    + config.threads().number());
        }
        int colon = config.port().indexOf(':') + 1;
        int end = colon;
        while (end < config.port().length() && "-*^/@".indexOf(config.port().charAt(end)) < 0) {
            end++;
        }
        if (end < config.port().length() && "-*^".indexOf(config.port().charAt(end)) >= 0) {
            throw new ToolException("-p " + config.threads().number() + " needs a port with all its rings: leave out '"
                    + config.port().charAt(end) + "' in " + config.port());
        }
        return config.port().substring(0, end) + "-" + thread + config.port().substring(end);
    }

    private String introduction(NetmapPort port) {
        String what = config.role() == Role.PONG
                ? "Returning on "
                : config.role().sends() ? "Sending on " : "Receiving from ";
        return what + port.name() + ": " + port.txRings().size() + " tx and "
                + port.rxRings().size() + " rx rings, " + config.threads().number()
                + (config.threads().number() == 1 ? " thread" : " threads") + ", region " + port.memId();
    }

    private void waitForLink(StopSignal stop) {
        if (config.waitSeconds() == 0) {
            return;
        }
        err.println("Wait " + config.waitSeconds() + " secs for phy reset");
        err.flush();
        long end = System.nanoTime() + config.waitSeconds() * (long) NANOS_PER_SECOND;
        while (!stop.requested() && System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(50 * NANOS_PER_MILLI, end - System.nanoTime()));
        }
        err.println("Ready...");
        err.flush();
    }

    private Task task(int index, NetmapPort port, StopSignal stop) {
        long share = config.load().count() == 0
                ? Long.MAX_VALUE
                : config.load().count() / config.threads().number()
                        + (index < config.load().count() % config.threads().number() ? 1 : 0);
        double rate = (double) config.load().rate() / config.threads().number();
        return switch (config.role()) {
            case TX -> new SendTask(config, port, stop, share, frames(index), rate);
            case TXSEQ -> new SendTask(config, port, stop, share, numberedFrames(index), rate);
            case PING -> new PingTask(config, port, stop, share, numberedFrames(index), rate);
            case PONG -> new PongTask(config, port, stop, share);
            case RX -> new ReceiveTask(config, port, stop, share, dump(), Optional.empty());
            case RXSEQ -> new ReceiveTask(config, port, stop, share, dump(), Optional.of(new SequenceCheck(err)));
        };
    }

    private Optional<PacketDump> dump() {
        return config.reports().dump() ? Optional.of(new PacketDump(out)) : Optional.empty();
    }

    private Frames frames(int index) {
        return config.file().<Frames>map(FileFrames::new).orElseGet(() -> new UdpFrames(config.frames(), index));
    }

    private UdpFrames numberedFrames(int index) {
        UdpFrames frames = new UdpFrames(config.frames(), index);
        if (config.file().isPresent() || !frames.hasRoomForSequence()) {
            frames.close();
            throw new ToolException(
                    config.file().isPresent()
                            ? "packets of a capture file carry no numbers: use -f tx with -P"
                            : "packets of " + config.frames().minSize()
                                    + " bytes have no room for a number: -l 66 is enough for all");
        }
        return frames;
    }

    private void runTasks(List<Task> tasks, StopSignal stop) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            int cpu = cpu(i);
            Thread thread = new Thread(() -> run(task, cpu, stop), "pkt-gen " + i);
            threads.add(thread);
            thread.start();
        }
        try {
            report(tasks, threads);
        } catch (InterruptedException interrupted) {
            stop.stop();
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        summarise(tasks);
    }

    private int cpu(int thread) {
        if (config.threads().firstCpu() < 0) {
            return -1;
        }
        int cpus = config.threads().cpus() == 0
                ? Runtime.getRuntime().availableProcessors()
                : config.threads().cpus();
        return config.threads().firstCpu() + thread % cpus;
    }

    private void run(Task task, int cpu, StopSignal stop) {
        try {
            if (cpu >= 0) {
                Linux.pinThread(cpu);
            }
            task.run();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
            stop.stop();
        }
    }

    /** Prints once per period, until all threads have ended. */
    private void report(List<Task> tasks, List<Thread> threads) throws InterruptedException {
        Reading before = Reading.NOTHING;
        long start = System.nanoTime();
        long last = start;
        long due = start + config.reports().periodMillis() * NANOS_PER_MILLI;
        while (true) {
            for (Thread thread : threads) {
                long left = due - System.nanoTime();
                if (left > 0) {
                    thread.join(left / NANOS_PER_MILLI, (int) (left % NANOS_PER_MILLI));
                }
            }
            if (threads.stream().noneMatch(Thread::isAlive)) {
                return;
            }
            Reading reading = reading(tasks);
            long now = System.nanoTime();
            if (reading.packets() != 0 || before.packets() != 0) {
                print(before, reading, now - last);
                tasks.stream()
                        .map(Task::progress)
                        .filter(line -> !line.isEmpty())
                        .forEach(err::println);
            } else {
                err.println(config.role().sends() ? "waiting for room to send" : "waiting for initial packets");
            }
            err.flush();
            before = reading;
            last = now;
            due += config.reports().periodMillis() * NANOS_PER_MILLI;
        }
    }

    private static Reading reading(List<Task> tasks) {
        return Meter.sum(tasks.stream().map(task -> task.meter).toList());
    }

    /** {@code main_thread [1] 14.213 Mpps (14.224 Mpkts 6.827 Gbps in 1000812 usec) 458.48 avg_batch 0 min_space}. */
    private void print(Reading before, Reading now, long nanos) {
        double seconds = nanos / NANOS_PER_SECOND;
        long packets = now.packets() - before.packets();
        long batches = now.batches() - before.batches();
        double rate = packets / seconds;
        String spread = config.reports().deviation()
                ? deviation.add(rate, config.reports().plain())
                : "";
        err.printf(
                Locale.ROOT,
                "main_thread [%d] %s %s(%s %s in %d usec) %.2f avg_batch %d min_space%n",
                config.threads().number(),
                quantity(rate, "pps"),
                spread,
                quantity(packets, "pkts"),
                quantity((now.bytes() - before.bytes()) * 8 / seconds, "bps"),
                nanos / 1000,
                batches == 0 ? 0 : (double) packets / batches,
                now.minSpace());
    }

    private void summarise(List<Task> tasks) {
        Reading all = reading(tasks);
        double seconds = all.nanos() / NANOS_PER_SECOND;
        String verb = config.role().sends() ? "Sent" : "Received";
        out.printf(
                Locale.ROOT,
                "%s %d packets %d bytes %d events %d bytes each in %.2f seconds.%n",
                verb,
                all.packets(),
                all.bytes(),
                all.batches(),
                all.packets() == 0 ? 0 : all.bytes() / all.packets(),
                seconds);
        double perSecond = seconds == 0 ? 0 : 1 / seconds;
        long framing = config.reports().framing() ? 0 : GeneratorConfig.FRAMING;
        out.printf(
                Locale.ROOT,
                "Speed: %s Bandwidth: %s (raw %s). Average batch: %.2f pkts%n",
                quantity(all.packets() * perSecond, "pps"),
                quantity(all.bytes() * 8 * perSecond, "bps"),
                quantity((all.bytes() + framing * all.packets()) * 8 * perSecond, "bps"),
                all.averageBatch());
        tasks.stream().map(Task::findings).filter(line -> !line.isEmpty()).forEach(out::println);
        out.flush();
    }

    private String quantity(double value, String unit) {
        return Quantity.of(value, unit, config.reports().plain());
    }
}
