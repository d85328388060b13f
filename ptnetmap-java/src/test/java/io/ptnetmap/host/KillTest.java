// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes pass packets round; one of them is killed at a moment that nobody has chosen, over and over. The other
 * goes on, no buffer is lost or owned twice, no packet arrives twice or spoilt, and a successor takes over.
 */
@Tag("alone")
class KillTest {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final int MOST_WALKS = 2000;

    @TempDir
    Path directory;

    private final Map<KillRole, ChildJvm> children = new EnumMap<>(KillRole.class);
    private final Random random = new Random();
    private KillBoard board;
    private EmbeddedHost host;
    private AttachServer server;
    private int epoch;

    @Test
    void fifteenKills() throws Exception {
        survive(15, KillRole.FORWARDER);
    }

    @Test
    void fifteenKillsOfAMachine() throws Exception {
        survive(15, KillRole.MACHINE);
    }

    @Test
    @Tag("soak")
    void twoHundredKills() throws Exception {
        survive(200, KillRole.FORWARDER);
    }

    @Test
    @Tag("soak")
    void twoHundredKillsOfAMachine() throws Exception {
        survive(200, KillRole.MACHINE);
    }

    private void survive(int kills, KillRole forwarder) throws Exception {
        long seed = random.nextLong();
        random.setSeed(seed);
        host = EmbeddedHost.create(new RegionConfig(16, 1024, 16, 8192, 4096, 2048));
        server = host.serve(directory.resolve("host.sock"));
        board = KillBoard.create(directory.resolve("board"));
        try {
            start(KillRole.SOURCE);
            start(forwarder);
            awaitTraffic();
            int forwarders = 0;
            for (int kill = 0; kill < kills; kill++) {
                KillRole victim = random.nextBoolean() ? KillRole.SOURCE : forwarder;
                KillRole survivor = victim == forwarder ? KillRole.SOURCE : forwarder;
                forwarders += victim == forwarder ? 1 : 0;
                Thread.sleep(random.nextInt(5, 60), random.nextInt(1_000_000));
                children.remove(victim).kill();
                await("the death is noticed", () -> server.connections() == survivor.sessions());
                awaitProgress(survivor);
                requireNothingTorn("after kill " + kill + " of " + victim + ", seed " + seed);
                start(victim);
                awaitTraffic();
            }
            board.command(KillBoard.PAUSE);
            await("both pause", () -> board.paused(KillRole.SOURCE) && board.paused(forwarder));
            BufferAudit quiet = host.audit(1);
            assertTrue(quiet.clean(), () -> quiet + " seed " + seed);
            // Each of the forwarder's deaths may take with it what lay in its hands: one batch.
            assertTrue(
                    board.lost() <= (long) forwarders * KillRole.BATCH,
                    () -> board.lost() + " packets lost, seed " + seed);
            board.command(KillBoard.STOP);
            for (ChildJvm child : children.values()) {
                child.requireSuccess();
            }
            children.clear();
            await("all ports are given back", () -> server.connections() == 0);
            assertEquals(quiet.total() - Region.FIRST_BUFFER, host.audit(1).free());
        } finally {
            children.values().forEach(ChildJvm::close);
            host.close();
        }
    }

    private void start(KillRole role) {
        epoch++;
        children.put(
                role,
                ChildJvm.start(
                        directory,
                        KillRole.class,
                        role.name(),
                        server.path().toString(),
                        directory.resolve("board").toString(),
                        Integer.toString(epoch)));
    }

    private void awaitTraffic() {
        long received = board.received();
        await("packets go round", () -> board.received() > received + 1000);
    }

    private void awaitProgress(KillRole role) {
        long rounds = board.rounds(role);
        await(role + " goes on", () -> board.rounds(role) > rounds + 10);
    }

    private void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            children.values().forEach(ChildJvm::requireAlive);
            assertTrue(
                    System.nanoTime() - start < PATIENCE_NANOS,
                    () -> "not in time: " + what + "; " + board + ", " + host.audit(1));
            Thread.yield();
        }
    }

    /**
     * The survivor keeps swapping while the region is walked, so one walk says little; but what is lost or doubled is so
     * in every walk.
     */
    private void requireNothingTorn(String when) {
        BufferAudit first = host.audit(1);
        Set<Integer> lost = new HashSet<>(first.lost());
        Set<Integer> doubled = new HashSet<>(first.doubled());
        for (int walk = 0; walk < MOST_WALKS && !(lost.isEmpty() && doubled.isEmpty()); walk++) {
            Thread.yield();
            BufferAudit next = host.audit(1);
            lost.retainAll(next.lost());
            doubled.retainAll(next.doubled());
        }
        Supplier<String> message = () -> when + ": lost " + lost + ", doubled " + doubled;
        assertTrue(lost.isEmpty() && doubled.isEmpty(), message);
    }

    /** A board that cannot be written tells at once. */
    @Test
    void theBoardIsShared() throws IOException {
        KillBoard one = KillBoard.create(directory.resolve("b"));
        KillBoard other = KillBoard.open(directory.resolve("b"));
        other.round(KillRole.FORWARDER);
        other.command(KillBoard.PAUSE);
        assertEquals(1, one.rounds(KillRole.FORWARDER));
        assertEquals(KillBoard.PAUSE, one.command());
    }
}
