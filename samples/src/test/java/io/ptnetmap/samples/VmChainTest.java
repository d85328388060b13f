// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.BufferAudit;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.deploy.ChainRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code vm-chain.yaml}: what its comment promises, and what happens when something is killed. */
@Tag("vm")
class VmChainTest {
    private static final Path CHAIN = Chains.DIRECTORY.resolve("vm-chain.yaml");
    private static final int PACKETS = 1_000_000;
    private static final long LOAD = 20_000;
    private static final int SETTLING_SECONDS = 5;
    private static final int IDLE_SECONDS = 10;
    private static final double MOST_IDLE_LOAD = 0.03;
    private static final String IDLE = """
            chain: idle
            functions:
              - port: "netmap:silent{1"
              - {type: monitor, vm: guest}
              - type: sink
            """;

    @TempDir
    Path directory;

    @BeforeEach
    void needMachines() {
        Machines.need();
    }

    @AfterEach
    void noMachineIsLeft() {
        assertEquals(List.of(), Machines.of(ProcessHandle.current()));
    }

    private Path endless() throws Exception {
        String text = Files.readString(CHAIN);
        assertTrue(text.contains("count: 1M"), text);
        return Files.writeString(directory.resolve("endless.yaml"), text.replace("count: 1M", "count: 0"));
    }

    @Test
    void aMillionPacketsPassTwoMachinesAndNoneIsLostChangedOrCopied() throws Exception {
        Nfv.Result result =
                Nfv.await(Nfv.command(List.of(), "run", CHAIN.toString(), "--summary", "json"), Machines.PATIENCE);
        assertEquals(0, result.exitCode(), () -> result.text() + result.err());
        JsonNode summary = JsonMapper.shared().readTree(result.text());
        assertEquals(PACKETS, summary.at("/conservation/consumed").asInt(), result::text);
        assertEquals(0, summary.at("/conservation/held").asInt());
        assertEquals("vm fw", summary.at("/hops/1/process").asString());
        assertEquals("vm nat", summary.at("/hops/2/process").asString());
        JsonNode sink = summary.at("/reports/sink");
        JsonNode sequence = sink.at("/generators/0");
        assertEquals(PACKETS, sequence.get("received").asInt(), sink::toString);
        for (String wrong : List.of("lost", "duplicated", "reordered")) {
            assertEquals(0, sequence.get(wrong).asInt(), wrong);
        }
        assertEquals(0, sink.get("damaged").asInt(), "checksums and every byte of the payload");
        assertEquals(0, sink.get("others").asInt());
        assertEquals(PACKETS, sink.at("/zero-copy/in-place").asInt(), sink::toString);
        assertEquals(0, sink.at("/zero-copy/copied").asInt());
    }

    @Test
    void aMachineThatIsKilledUnderLoadIsReplacedAndNoBufferIsLost() throws Exception {
        Path socket = directory.resolve("host");
        try (EmbeddedHost host = EmbeddedHost.create();
                AttachServer server = host.serve(socket)) {
            System.setProperty(Netmap.HOST_VARIABLE, server.path().toString());
            Chains.End end = Chains.run(endless(), run -> {
                Machines.awaitThat("traffic flows", () -> consumed(run) > LOAD);
                ProcessHandle victim = Machines.of(ProcessHandle.current()).getFirst();
                assertTrue(victim.destroyForcibly());
                victim.onExit().join();
                long sofar = consumed(run);
                Machines.awaitThat("traffic flows again", () -> consumed(run) > sofar + LOAD);
                assertEquals(2, Machines.of(ProcessHandle.current()).size());
                run.drain(Duration.ofMinutes(1));
            });
            String sequence = end.reports().get("sink").get("generators").toString();
            assertTrue(sequence.contains("duplicated=0"), sequence);
            assertTrue(end.conservation().unaccounted() >= 0, end.conservation()::toString);
            BufferAudit audit = host.audit(1);
            assertTrue(audit.clean(), audit::toString);
            assertEquals(0, audit.inSlots(), audit::toString);
        } finally {
            System.clearProperty(Netmap.HOST_VARIABLE);
        }
    }

    private static long consumed(ChainRun run) {
        return Chains.hop(run.snapshot(), "sink").consumed();
    }

    @Test
    void noMachineOutlivesTheCommandThatWasKilled() throws Exception {
        Path output = directory.resolve("output");
        Process nfv = Nfv.command(List.of(), "run", endless().toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            Machines.awaitThat("traffic flows", () -> lines(output).anyMatch(line -> line.contains(" s: generator ")));
            List<ProcessHandle> machines = Machines.of(nfv.toHandle());
            assertEquals(2, machines.size());
            nfv.destroyForcibly().waitFor();
            Machines.awaitThat("the machines' end", () -> machines.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            nfv.destroyForcibly();
        }
    }

    @Test
    void anIdleChainCostsTheHostNextToNothing() throws Exception {
        Path chain = Files.writeString(directory.resolve("idle.yaml"), IDLE);
        Path output = directory.resolve("output");
        Process nfv = Nfv.command(List.of(), "run", chain.toString(), "--duration", "1h")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            Machines.awaitThat("the start", () -> lines(output).anyMatch(line -> line.contains(" s: netmap:silent")));
            Thread.sleep(Duration.ofSeconds(SETTLING_SECONDS));
            ProcessHandle machine = Machines.of(nfv.toHandle()).getFirst();
            Duration host = busy(nfv.toHandle());
            Duration guest = busy(machine);
            Thread.sleep(Duration.ofSeconds(IDLE_SECONDS));
            double hostLoad = load(host, busy(nfv.toHandle()));
            System.out.printf(
                    "an idle chain with a machine: host process %.2f %%, QEMU with its guest %.2f %% of a core%n",
                    100 * hostLoad, 100 * load(guest, busy(machine)));
            assertTrue(hostLoad < MOST_IDLE_LOAD, () -> "load " + hostLoad);
            nfv.destroyForcibly();
            machine.onExit().join();
        } finally {
            nfv.destroyForcibly();
        }
    }

    private static Duration busy(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow();
    }

    private static double load(Duration before, Duration after) {
        return after.minus(before).toMillis() / 1e3 / IDLE_SECONDS;
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException unreadable) {
            return Stream.of();
        }
    }

    @Test
    void aFunctionOfOnesOwnRunsInAMachine() throws Exception {
        Path jar = OwnFunction.jar(directory);
        Path capture = Capture.TRAFFIC.resolve("inside.pcap").toAbsolutePath();
        Path chain = Files.writeString(directory.resolve("own.yaml"), """
                chain: own
                functions:
                  - {type: pcap-source, config: {file: "%s"}}
                  - {type: ttl-guard, vm: guest, config: {minimum-ttl: 3}}
                  - {type: sink}
                """.formatted(capture));
        long old = Capture.read(capture).stream()
                .filter(frame -> frame.bytes()[12] == 8 && frame.bytes()[13] == 0)
                .filter(frame -> frame.bytes()[22] >= 0 && frame.bytes()[22] < 3)
                .count();
        Nfv.Result result = Nfv.await(
                Nfv.command(List.of(), "run", "--no-live", chain.toString(), "--functions", jar.toString()),
                Machines.PATIENCE);
        assertEquals(0, result.exitCode(), () -> result.text() + result.err());
        assertTrue(
                result.out().stream().anyMatch(line -> line.matches(" +ttl-guard +ttl-too-small +" + old)),
                result::text);
        assertTrue(result.out().stream().anyMatch(line -> line.matches(" +ttl-guard +vm guest/0 .*")), result::text);
        assertTrue(result.text().contains("every packet accounted for"), result::text);
    }
}
