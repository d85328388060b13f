// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Memory;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.Quiet;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes some changes of a tiny chain that nobody uses, in memory of its own, before the first change of a real one in this process.
 * Code that runs for the first time takes many times as long as ever after, and in a change some of it runs while packets
 * wait. Nothing depends on the rehearsal.
 */
final class ChangeRehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeRehearsal.class);
    private static final ReentrantLock REHEARSING = new ReentrantLock();
    private static final AtomicBoolean EXPECTED = new AtomicBoolean();
    /** By then a chain's own code has been compiled. */
    private static final Duration SETTLED = Duration.ofSeconds(3);
    /** Half of what workers get, if all processors are taken; not less, for a change that comes in the midst of it has to wait. */
    private static final int NICE = 3;

    private static final int ROUNDS = 2;
    private static final int SLOTS = 64;
    private static final int BUFFERS = 8192;
    private static final int BUFFER_SIZE = 2048;
    private static final long PACKETS = 2000;
    private static final int MOST_TRIES = 10_000;
    private static final long RETRY_NANOS = 50_000;

    /** Guarded by {@link #REHEARSING}. */
    private static boolean begun;

    /** The same functions: in a row, with other configurations, on two workers, with a pipe. */
    private static final List<Chain> CHAINS = List.of(
            chain(0, 0, LinkType.AUTO),
            chain(1, 0, LinkType.AUTO),
            chain(1, 1, LinkType.AUTO),
            chain(2, 0, LinkType.PIPE));

    private final LocalPart part;
    private Chain present = CHAINS.getFirst();
    private LinkIds ids = LinkIds.of(present);

    private ChangeRehearsal(LocalPart part) {
        this.part = part;
    }

    /** Has it done beforehand in the background, if the machine has a second processor for that. */
    static void expect() {
        if (Runtime.getRuntime().availableProcessors() > 1 && EXPECTED.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("rehearsal").start(() -> {
                LockSupport.parkNanos(SETTLED.toNanos());
                Linux.yieldToOthers(NICE);
                once();
            });
        }
    }

    /** Once in a process; where it was done, this returns at once, and where another thread is at it, when that is through. */
    static void once() {
        REHEARSING.lock();
        try {
            // The changes rehearsed come here, too.
            if (!begun) {
                begun = true;
                rehearse();
            }
        } finally {
            REHEARSING.unlock();
        }
    }

    private static void rehearse() {
        long began = System.nanoTime();
        try {
            run();
        } catch (RuntimeException unimportant) {
            LOG.debug("the rehearsal of a change has failed", unimportant);
        }
        LOG.debug("the rehearsal of a change took {} ms", (System.nanoTime() - began) / 1_000_000);
    }

    private static void run() {
        RegionConfig small = RegionConfig.DEFAULT.withBuffers(BUFFERS, BUFFER_SIZE);
        try (EmbeddedHost host = EmbeddedHost.create(small);
                Engine engine = Engine.builder(Netmap.over(host))
                        .build(CHAINS.getFirst(), LocalPart::isHere, ChangeRehearsal::function)) {
            engine.start();
            ChangeRehearsal rehearsal = new ChangeRehearsal(new LocalPart(engine));
            for (int round = 0; round < ROUNDS; round++) {
                CHAINS.forEach(rehearsal::change);
            }
        }
    }

    private static Chain chain(int config, int worker, LinkType type) {
        List<Stage> stages = new ArrayList<>();
        stages.add(stage("source", 0, 0));
        stages.add(stage("keeper", config, worker));
        stages.add(stage("sink", 0, 0));
        Link link = new Link(type, Policy.BLOCK, SLOTS);
        return new Chain(
                "rehearsal",
                Path.of("rehearsal"),
                List.copyOf(stages),
                List.of(link, link),
                new Memory(0, BUFFER_SIZE),
                List.of(),
                Map.of());
    }

    private static Stage stage(String name, int config, int worker) {
        return new Stage(List.of(new Node(name, name, "", config, Placement.SAME, "", worker)));
    }

    private static NetworkFunction function(Node node) {
        return switch (node.name()) {
            case "source" -> new Source();
            case "keeper" -> new Keeper();
            default -> new Sink();
        };
    }

    /** As a {@link LiveChange} does it, and what is said in it to other processes, too. */
    private void change(Chain target) {
        LinkIds next = ids.after(present, target);
        Control.copy(ChangeOrder.prepare(target.source().toString(), next), ChangeOrder.class);
        ChangeState prepared = part.prepare(target, next).orThrow();
        boolean done = carriedOut(ChangeOrder.rest(prepared.edges().quiet(ids.ids())))
                && carriedOut(ChangeOrder.hold(prepared.edges().outermost(ids.ids())))
                && carriedOut(ChangeOrder.of(Step.PROBE))
                && carriedOut(ChangeOrder.of(Step.SEAL))
                && carriedOut(ChangeOrder.rest(Quiet.all(ids.ids())))
                && carriedOut(ChangeOrder.of(Step.COMMIT))
                && carriedOut(ChangeOrder.of(Step.RELEASE));
        carriedOut(ChangeOrder.of(done ? Step.FINISH : Step.ROLL_BACK));
        if (done) {
            present = target;
            ids = next;
        }
        part.books();
    }

    private boolean carriedOut(ChangeOrder order) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ChangeState state = part.change(Control.copy(order, ChangeOrder.class));
            Control.copy(state, ChangeState.class);
            if (state.done()) {
                return true;
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
        return false;
    }

    private static final class Source implements PacketSource {
        private long made;

        @Override
        public void process(PacketBatch batch, Output out) {
            if (made < PACKETS) {
                out.create(60, Side.OUT);
                made++;
            }
        }

        @Override
        public boolean exhausted() {
            return made == PACKETS;
        }
    }

    private static final class Sink implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
        }
    }

    /** Knows how many packets have passed. */
    private static final class Keeper implements NetworkFunction, Stateful<Long> {
        private long passed;

        @Override
        public void process(PacketBatch batch, Output out) {
            passed += batch.size();
        }

        @Override
        public Long handOver() {
            return passed;
        }

        @Override
        public Takeover takeOver(Long state) {
            passed = state;
            return new Takeover(Map.of("packets", passed), Map.of());
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void write(Long state, DataOutput out) throws IOException {
            out.writeLong(state);
        }

        @Override
        public Long read(DataInput in, int version, long writtenNanos) throws IOException {
            return in.readLong();
        }
    }
}
