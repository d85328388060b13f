// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Chains with links of type {@code vale}: copied between regions, every packet accounted for, whoever dies. */
class ValeChainTest {
    private static final String CHAIN = """
            chain: apart
            link: {type: vale}
            functions:
              - {type: generator, PLACE1, config: {flows: 50, count: COUNT, rate: RATE, size: 64-1500, buffer-index: true}}
              - {type: monitor, PLACE2}
              - {type: sink, PLACE3}
            """;
    private static final String HERE = "process: same";
    private static final String OWN = "process: own";
    private static final long COUNT = 50_000;
    private static final long RATE = 20_000;
    private static final long LOAD = 20_000;

    @TempDir
    Path directory;

    private Path chain(long count, long rate, String... places) throws Exception {
        String text = CHAIN.replace("COUNT", Long.toString(count)).replace("RATE", Long.toString(rate));
        for (int i = 0; i < places.length; i++) {
            text = text.replace("PLACE" + (i + 1), places[i]);
        }
        return Files.writeString(directory.resolve("chain.yaml"), text);
    }

    /** Nothing is lost without an account of it, changed, doubled, or moved without being copied. */
    private static void assertAccounted(Chains.End end, long count) {
        assertAccounted(end, count, count / 2);
    }

    /** @param least packets that must have arrived */
    private static void assertAccounted(Chains.End end, long count, long least) {
        long dropped = end.accounts().hops().stream().mapToLong(Hop::dropped).sum();
        assertEquals(
                List.of("vale", "vale"),
                end.accounts().hops().stream()
                        .skip(1)
                        .map(hop -> hop.link().kind())
                        .toList());
        JsonNode sink = JsonMapper.shared().valueToTree(end.reports().get("sink"));
        long received = sink.at("/generators/0/received").asLong();
        assertEquals(count, received + dropped, end::toString);
        assertEquals(0, sink.at("/generators/0/duplicated").asLong(), sink::toString);
        assertEquals(0, sink.at("/generators/0/reordered").asLong(), sink::toString);
        assertEquals(0, sink.get("damaged").asLong(), sink::toString);
        assertEquals(0, sink.get("others").asLong(), sink::toString);
        assertTrue(received >= least, end::toString);
    }

    @Test
    void inOneProcess() throws Exception {
        assertAccounted(Chains.run(chain(COUNT, RATE, HERE, HERE, HERE)), COUNT);
    }

    @Test
    void betweenWorkers() throws Exception {
        assertAccounted(Chains.run(chain(COUNT, RATE, HERE, HERE + ", worker: 1", HERE + ", worker: 2")), COUNT);
    }

    @Test
    void betweenProcesses() throws Exception {
        // Processes that have just been started are slow.
        assertAccounted(Chains.run(chain(COUNT, RATE, HERE, OWN, OWN)), COUNT, COUNT / 10);
    }

    @Test
    void aSourceThatIsUpBeforeItsReceiverLosesPacketsButNotTheirAccounts() throws Exception {
        assertAccounted(Chains.run(chain(3 * COUNT, RATE, OWN, OWN, OWN)), 3 * COUNT, COUNT / 10);
    }

    @Test
    void whatTheReceiverHasNoRoomForIsTheSendersDrop() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), """
                chain: flooded
                functions:
                  - {type: generator, config: {count: 2000000}}
                  - {type: monitor, worker: 1, link: {type: vale, slots: 64}}
                  - {type: sink, worker: 1}
                """);
        Chains.End end = Chains.run(file);
        Hop generator = end.hop("generator");
        long dropped = generator.drops().getOrDefault("link-full", 0L);
        assertTrue(dropped > 0, "64 slots are room for all");
        assertEquals(2_000_000, generator.sent() + dropped, end::toString);
        assertEquals(generator.sent(), end.hop("monitor").received());
    }

    @Test
    void aKilledProcessIsReplacedAndItsPortGoesOn() throws Exception {
        Chains.End end = Chains.run(chain(0, RATE, HERE, OWN, HERE), run -> {
            Machines.awaitThat("traffic flows", () -> consumed(run) > LOAD);
            String before = place(run);
            ProcessHandle.of(Long.parseLong(before.substring("pid ".length())))
                    .orElseThrow()
                    .destroyForcibly();
            Machines.awaitThat("another process", () -> !place(run).equals(before));
            long sofar = consumed(run);
            Machines.awaitThat("traffic flows again", () -> consumed(run) > sofar + LOAD);
            run.drain(Duration.ofSeconds(20));
        });
        // While nobody had the port open, packets were dropped there; what the dead process held is lost.
        assertTrue(end.hop("generator").drops().getOrDefault("link-not-open", 0L) > 0, end::toString);
        assertEquals(0, end.conservation().held(), end::toString);
        assertTrue(end.conservation().unaccounted() >= 0, end::toString);
        assertTrue(end.conservation().unaccounted() < 4 * 1024, end::toString);
        JsonNode sink = JsonMapper.shared().valueToTree(end.reports().get("sink"));
        assertEquals(0, sink.at("/generators/0/duplicated").asLong(), sink::toString);
        assertEquals(0, sink.get("damaged").asLong(), sink::toString);
    }

    private static String place(ChainRun run) {
        return Chains.hop(run.snapshot(), "monitor").process();
    }

    private static long consumed(ChainRun run) {
        return Chains.hop(run.snapshot(), "sink").consumed();
    }

    @Test
    @Tag("vm")
    void intoAMachineOfAnotherGroupAndBack() throws Exception {
        Machines.need();
        assertAccounted(
                Chains.run(chain(COUNT, COUNT / 10, HERE, "vm: guest, trust: strangers", HERE)), COUNT, COUNT / 10);
        assertEquals(List.of(), Machines.of(ProcessHandle.current()));
    }
}
