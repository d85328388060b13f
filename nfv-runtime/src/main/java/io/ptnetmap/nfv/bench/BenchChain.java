// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineBuilder;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A chain in the engine that runs all chains, of functions that are there to be timed: a source of numbered packets, some
 * functions, and a sink that looks whether each packet has come, in order and as it should be. Between rounds it sleeps.
 *
 * <p>Packet {@code n} is {@code 60 + n % 4} bytes long. Where packets are touched it begins with two MAC addresses and has
 * {@code n} at byte 16.
 */
final class BenchChain implements AutoCloseable {
    private static final int SHORTEST = 60;
    private static final int NUMBER_OFFSET = 16;
    private static final long FIRST_MAC = 0x0200_0000_0001L;
    private static final long SECOND_MAC = 0x0200_0000_0002L;

    private final Setting setting;
    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final Engine engine;
    private final Source source;
    private final Sink sink;

    /** What the functions between source and sink do. */
    enum Work {
        /** Nothing: packets pass. */
        PASS,
        /** Exchange source and destination MAC address. */
        SWAP
    }

    /** How each element of the chain is joined to the next one. */
    enum Join {
        /** All on one thread, which calls one after the other. */
        CALL,
        /** All on one thread, with a netmap pipe between each two. */
        PIPE,
        /** Elements take turns on two threads, with a Disruptor between each two. */
        THREAD
    }

    /**
     * @param functions between source and sink
     * @param work what each of them does
     * @param join how they are joined
     * @param batch packets that the source makes at once
     * @param payload whether packets are written by the source and read by the sink
     * @param timed whether the engine takes the times of some packets, as in all chains
     */
    record Setting(int functions, Work work, Join join, int batch, boolean payload, boolean timed) {
        private Chain chain() {
            List<Chain.Stage> stages = new ArrayList<>();
            List<Chain.Link> links = new ArrayList<>();
            for (int i = 0; i < functions + 2; i++) {
                String name = "element-" + i;
                int worker = join == Join.THREAD ? i % 2 : 0;
                stages.add(new Chain.Stage(
                        List.of(new Chain.Node(name, name(i), "", null, Chain.Placement.SAME, "", worker))));
                if (i > 0) {
                    Chain.LinkType type = join == Join.PIPE ? Chain.LinkType.PIPE : Chain.LinkType.AUTO;
                    links.add(new Chain.Link(type, Chain.Policy.BLOCK, 1024));
                }
            }
            return new Chain("bench", Path.of("bench"), stages, links, new Chain.Memory(0, 2048), List.of(), Map.of());
        }

        private String name(int element) {
            if (element == 0) {
                return "source";
            }
            return element == functions + 1 ? "sink" : work.name().toLowerCase(Locale.ROOT);
        }

        private boolean swapped() {
            return work == Work.SWAP && functions % 2 == 1;
        }
    }

    BenchChain(Setting setting) {
        this.setting = setting;
        List<Integer> cpus = Machine.pair();
        source = new Source(setting, cpus.getFirst());
        sink = new Sink(setting, cpus.get(setting.join() == Join.THREAD ? (setting.functions() + 1) % 2 : 0));
        try {
            EngineBuilder builder = Engine.builder(netmap);
            engine = (setting.timed() ? builder : builder.withoutLatency())
                    .build(setting.chain(), here -> true, this::function);
            engine.start();
        } catch (RuntimeException failure) {
            host.close();
            throw failure;
        }
    }

    private NetworkFunction function(Chain.Node node) {
        return switch (node.type()) {
            case "source" -> source;
            case "sink" -> sink;
            case "swap" -> new Swap(Machine.pair().get(node.worker()));
            default -> new Pass(Machine.pair().get(node.worker()));
        };
    }

    /**
     * Sends packets through the chain.
     *
     * @return nanoseconds from before the first one is made to after the last one has been looked at
     * @throws BenchException if one is lost or changed
     */
    long run(long packets) {
        sink.goal += packets;
        source.goal += packets;
        engine.status(); // wakes the workers, and fails where one has
        awaitSink();
        engine.status(); // the books of the last batch are closed
        Conservation books = engine.conservation();
        if (sink.differences != 0 || !books.holds() || books.consumed() != sink.goal) {
            throw new BenchException("packets were lost or changed in " + setting + ": " + books);
        }
        return sink.endNanos - source.startNanos;
    }

    /** Returns when all have arrived; fails where none has come for a while. */
    private void awaitSink() {
        long before = -1;
        try {
            while (!sink.done.tryAcquire(Patience.STALL_NANOS, TimeUnit.NANOSECONDS)) {
                engine.check();
                if (sink.seen == before) {
                    throw new BenchException(
                            "packets were lost in " + setting + ": " + before + " of " + sink.goal + " arrived");
                }
                before = sink.seen;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted while packets were under way");
        }
    }

    @Override
    public void close() {
        engine.close();
        netmap.close();
        host.close();
    }

    private static int length(long number) {
        return SHORTEST + (int) (number & 3);
    }

    /** Runs on one processor only. */
    private abstract static class Pinned implements NetworkFunction {
        private final int cpu;

        Pinned(int cpu) {
            this.cpu = cpu;
        }

        @Override
        public final void start(FunctionContext context) {
            Linux.pinThread(cpu);
        }
    }

    /** Makes packets up to its goal. */
    private static final class Source extends Pinned implements PacketSource {
        private final int batch;
        private final boolean payload;
        private long made;
        private volatile long startNanos;
        private volatile long goal;
        private boolean resting = true;

        Source(Setting setting, int cpu) {
            super(cpu);
            batch = setting.batch();
            payload = setting.payload();
        }

        @Override
        public void process(PacketBatch packets, Output out) {
            if (resting) {
                startNanos = System.nanoTime();
            }
            int budget = (int) Math.min(batch, goal - made);
            for (int i = 0; i < budget; i++) {
                int index = out.create(length(made), Side.OUT);
                if (payload) {
                    Packet packet = packets.packet(index);
                    packet.i64(Ethernet.DESTINATION_OFFSET, FIRST_MAC << 16 | SECOND_MAC >>> 32);
                    packet.i64(Ethernet.SOURCE_OFFSET + 2, SECOND_MAC << 32);
                    packet.i64(NUMBER_OFFSET, made);
                }
                made++;
            }
            resting = made == goal;
        }

        @Override
        public boolean exhausted() {
            return made == goal;
        }
    }

    private static final class Pass extends Pinned {
        Pass(int cpu) {
            super(cpu);
        }

        @Override
        public void process(PacketBatch batch, Output out) {}
    }

    private static final class Swap extends Pinned {
        private final Ethernet ethernet = new Ethernet();

        Swap(int cpu) {
            super(cpu);
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                if (ethernet.wrap(batch.packet(i))) {
                    long destination = ethernet.destination();
                    ethernet.destination(ethernet.source());
                    ethernet.source(destination);
                }
            }
        }
    }

    /** Looks at packets, and tells when the last one has come. */
    private static final class Sink extends Pinned {
        private final boolean payload;
        private final long macs;
        private final Semaphore done = new Semaphore(0);
        private volatile long goal;
        private volatile long endNanos;
        private volatile long seen;
        private volatile long differences;

        Sink(Setting setting, int cpu) {
            super(cpu);
            payload = setting.payload();
            long first = setting.swapped() ? SECOND_MAC : FIRST_MAC;
            long second = setting.swapped() ? FIRST_MAC : SECOND_MAC;
            macs = first << 16 | second >>> 32;
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            long number = seen;
            long wrong = 0;
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                wrong |= packet.length() ^ length(number);
                if (payload) {
                    wrong |= packet.i64(0) ^ macs | packet.i64(NUMBER_OFFSET) ^ number;
                }
                number++;
                out.consume(i);
            }
            if (wrong != 0) {
                differences |= wrong;
            }
            seen = number;
            if (number == goal) {
                endNanos = System.nanoTime();
                done.release();
            }
        }
    }
}
