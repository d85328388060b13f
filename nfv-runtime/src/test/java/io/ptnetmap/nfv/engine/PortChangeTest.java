// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain between two ports is changed while numbered packets pass it both ways, as those see it who stand outside. */
class PortChangeTest {
    private static final int CHANGES = 100;

    /** Packets under way at most: what comes out of a chain and finds a port's ring full is dropped, change or not. */
    private static final int WINDOW = 512;

    private static final List<String> MIDDLES = List.of(
            "  - {type: pass}",
            "  - {type: pass, worker: 1}",
            "  - {type: pass, link: {type: pipe, slots: 64}}",
            "  - {type: pass, worker: 1}\n  - {name: second, type: pass, worker: 2, link: {slots: 32}}",
            "  - {name: second, type: pass}\n  - {type: pass}",
            "  - {type: pass, worker: 1}\n"
                    + "  - parallel: [{type: observer, worker: 2}, {name: another, type: observer, worker: 3}]\n"
                    + "  - {name: behind, type: pass, link: {slots: 128}}",
            "  - parallel: [{type: observer, worker: 2}, {name: another, type: observer, worker: 0}]",
            "  - {name: behind, type: pass, worker: 1, link: {type: pipe, slots: 64}}\n  - {type: pass}");

    @TempDir
    Path directory;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final FunctionRegistry functions = FunctionRegistry.open();
    private final NetmapPort before = netmap.openPort("netmap:in{1");
    private final NetmapPort behind = netmap.openPort("netmap:out}1");

    @AfterEach
    void close() {
        functions.close();
        netmap.close();
        host.close();
    }

    /** Numbered packets of one direction. */
    private static final class Stream {
        private final TxRing tx;
        private final RxRing rx;
        private long sent;
        private volatile long received;
        private long disorders;

        Stream(NetmapPort from, NetmapPort to) {
            tx = from.txRing(0);
            rx = to.rxRing(0);
        }

        int move(boolean more) {
            tx.sync();
            int room = more ? Math.min(tx.available(), (int) (WINDOW - (sent - received))) : 0;
            for (int i = 0; i < room; i++) {
                int slot = tx.fromHead(i);
                Memory.putLong(tx.bufferAddress(slot), sent++);
                tx.length(slot, 60);
            }
            tx.advance(room);
            tx.sync();
            rx.sync();
            int there = rx.available();
            for (int i = 0; i < there; i++) {
                disorders += Memory.getLong(rx.bufferAddress(rx.fromHead(i))) == received + i ? 0 : 1;
            }
            rx.advance(there);
            rx.sync();
            received += there;
            return room + there;
        }
    }

    private Chain chain(String middle) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), """
                chain: ports
                link: {slots: 256}
                functions:
                  - {name: left, port: 'netmap:in}1'}
                %s
                  - {name: right, port: 'netmap:out{1'}
                """.formatted(middle));
        return ChainDescriptor.read(file).resolve(functions, List.of());
    }

    @Test
    void packetsPassInOrderBothWaysThroughAHundredChanges() throws Exception {
        Chain chain = chain(MIDDLES.getFirst());
        LinkIds ids = LinkIds.of(chain);
        Random random = new Random(3);
        Stream there = new Stream(before, behind);
        Stream back = new Stream(behind, before);
        try (Engine engine = Engine.builder(netmap).build(chain, node -> true, functions)) {
            engine.start();
            boolean[] more = {true};
            Thread outside = Thread.ofPlatform().start(() -> {
                while (more[0] || there.received < there.sent || back.received < back.sent) {
                    if (there.move(more[0]) + back.move(more[0]) == 0) {
                        Thread.yield();
                    }
                }
            });
            for (int i = 0; i < CHANGES; i++) {
                awaitMore(there, there.received + 500);
                awaitMore(back, back.received + 500);
                Chain target = chain(MIDDLES.get(random.nextInt(MIDDLES.size())));
                LinkIds targetIds = ids.after(chain, target);
                change(engine, target, targetIds, ids);
                ids = targetIds;
                chain = target;
                Conservation books = engine.books();
                assertEquals(0, books.unaccounted(), books::toString);
            }
            more[0] = false;
            outside.join(TimeUnit.SECONDS.toMillis(10));
            assertTrue(
                    !outside.isAlive(),
                    () -> there.received + " of " + there.sent + " arrived, and back " + back.received + " of "
                            + back.sent);
            assertEquals(0, there.disorders + back.disorders);
            Conservation end = engine.conservation();
            assertEquals(0, end.dropped(), end::toString);
            assertEquals(there.sent + back.sent, end.sent());
        }
    }

    private static void awaitMore(Stream stream, long received) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (stream.received < received) {
            assertTrue(System.nanoTime() < deadline, "nothing arrives");
            LockSupport.parkNanos(100_000);
        }
    }

    private static void change(Engine engine, Chain target, LinkIds ids, LinkIds before) {
        EngineChange change = engine.change(target, ids, node -> true);
        Set<Integer> outermost = change.edges().outermost(before.ids());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!change.hold(outermost) || !change.commit()) {
            assertTrue(System.nanoTime() < deadline, change::waitsFor);
            LockSupport.parkNanos(50_000);
        }
        change.finish();
    }
}
