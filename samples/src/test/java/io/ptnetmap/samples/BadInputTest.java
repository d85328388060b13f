// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a user gets wrong ends in one line that says where and what to do, and in an exit code; never in a stack trace. */
class BadInputTest {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final int WRONG_CHAIN = 3;
    private static final int ENVIRONMENT = 4;
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");

    @TempDir
    Path directory;

    private Path chain;

    @BeforeEach
    void writeCaptures() throws IOException {
        chain = directory.resolve("c.yaml");
        byte[] whole = pcap(60, 60);
        Files.write(directory.resolve("good.pcap"), whole);
        Files.write(directory.resolve("truncated.pcap"), Arrays.copyOf(whole, whole.length - 10));
        Files.writeString(directory.resolve("text.pcap"), "no capture, but text of sufficient length");
        byte[] corrupt = whole.clone();
        corrupt[24 + 16 + 60 + 8] = -1;
        corrupt[24 + 16 + 60 + 11] = -1;
        Files.write(directory.resolve("corrupt.pcap"), corrupt);
    }

    /** A classic capture of Ethernet frames of these lengths. */
    private static byte[] pcap(int... lengths) {
        ByteBuffer file = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0);
        file.putInt(262_144).putInt(1);
        for (int length : lengths) {
            file.putInt(1).putInt(0).putInt(length).putInt(length).put(new byte[length]);
        }
        byte[] bytes = new byte[file.flip().limit()];
        file.get(bytes);
        return bytes;
    }

    /**
     * Something that a user gets wrong.
     *
     * @param line the only line on standard error; a star stands for anything
     */
    record Mistake(String what, String yaml, int exitCode, String line) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Mistake mistake(String what, String yaml, int exitCode, String line) {
        return new Mistake(what, yaml, exitCode, line);
    }

    private static Mistake wrongChain(String what, String yaml, String line) {
        return mistake(what, yaml, WRONG_CHAIN, "c.yaml:" + line);
    }

    private static Stream<Mistake> mistakes() {
        return Stream.of(
                wrongChain(
                        "an unknown function",
                        chainOf("{type: fierwall}"),
                        "4:12: functions[1].type: unknown function 'fierwall'; did you mean 'firewall'?*"),
                wrongChain(
                        "a missing field",
                        chainOf("{type: nat44, config: {inside: [10.0.0.0/8]}}"),
                        "4:*: functions[1].config.external: *"),
                wrongChain(
                        "a wrong type",
                        chainOf("{type: monitor, config: {top: many}}"),
                        "4:35: functions[1].config.top: *many*"),
                wrongChain(
                        "a value out of bounds",
                        chainOf("{type: monitor, config: {top: 5000}}"),
                        "4:35: functions[1].config.top: *1000*"),
                wrongChain(
                        "a misspelt key",
                        chainOf("{type: monitor, confg: {top: 5}}"),
                        "4:21: functions[1].confg: unknown field; did you mean 'config'?*"),
                wrongChain("a cyclic chain", """
                        chain: c
                        functions:
                          - {type: generator}
                          - {name: a, type: firewall}
                          - {name: b, type: monitor}
                          - {type: sink}
                        links:
                          - {from: generator, to: sink}
                          - {from: a, to: b}
                          - {from: b, to: a}
                        """, "*: cyclic chain: a -> b -> a; cut one of these links"),
                wrongChain("a port used twice", """
                        chain: c
                        functions:
                          - port: netmap:lo
                          - type: monitor
                          - {name: back, port: "netmap:lo"}
                        """, "5:*: functions[2].port: port 'netmap:lo' is used twice; *"),
                wrongChain("no YAML", "chain: [c", "1:*: not valid YAML*"),
                wrongChain(
                        "a capture that is none", capture("text.pcap"), "3:*: functions[0].config.file: *text.pcap*"),
                wrongChain(
                        "a capture that is missing",
                        capture("missing.pcap"),
                        "3:*: functions[0].config.file: *missing.pcap*"),
                wrongChain(
                        "a directory that is missing",
                        chainOf("{type: mirror, config: {file: none/out.pcap}}"),
                        "4:*: functions[1].config.file: *none/out.pcap*"),
                mistake(
                        "a truncated capture",
                        capture("truncated.pcap"),
                        FAILED,
                        "nfv: function 'pcap-source' failed: *truncated.pcap: packet 2 at byte 100: *"),
                mistake(
                        "a corrupt capture",
                        capture("corrupt.pcap"),
                        FAILED,
                        "nfv: function 'pcap-source' failed: *corrupt.pcap: packet 2 at byte 100: *"),
                mistake(
                        "packets longer than a buffer",
                        """
                        chain: c
                        functions:
                          - {type: generator, config: {count: 1, size: 9000}}
                          - {type: sink}
                        """,
                        FAILED,
                        "nfv: function 'generator' failed: 9000 bytes do not fit a packet buffer: 2048*"),
                mistake("an interface that is missing", """
                        chain: c
                        functions:
                          - port: netmap:nosuch0
                          - type: sink
                        """, ENVIRONMENT, "nfv: netmap:nosuch0: *"));
    }

    private static String chainOf(String function) {
        return """
                chain: c
                functions:
                  - {type: generator, config: {count: 1}}
                  - FUNCTION
                  - {type: sink}
                """.replace("FUNCTION", function);
    }

    private static String capture(String file) {
        return """
                chain: c
                functions:
                  - {type: pcap-source, config: {file: FILE}}
                  - {type: sink}
                """.replace("FILE", file);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsOneLineAndAnExitCode(Mistake mistake) throws Exception {
        Files.writeString(chain, mistake.yaml());
        ProcessBuilder command = Nfv.command(List.of(), "run", "--no-live", "c.yaml");
        expect(mistake.exitCode(), mistake.line(), Nfv.await(command.directory(directory.toFile())));
    }

    @Test
    void aMissingChainIsOneLine() throws Exception {
        expect(WRONG_CHAIN, "none.yaml: no such file", Nfv.run("run", "none.yaml"));
    }

    @Test
    void aWrongOptionIsOneLineAndThePlaceOfTheHelp() throws Exception {
        Nfv.Result result = Nfv.run("run", "c.yaml", "--duraton", "3s");
        assertEquals(WRONG_USAGE, result.exitCode());
        assertTrue(result.err().getFirst().contains("--duraton"), result.err()::toString);
        assertTrue(result.err().getLast().contains("--help"), result.err()::toString);
        assertNoStackTrace(result);
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void whatIsForbiddenIsOneLine(Mistake mistake) throws Exception {
        Tools.needRoot();
        Tools.need("setpriv");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory.resolve("good.pcap"), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(chain, mistake.yaml());
        ProcessBuilder command = Nfv.command(AS_NOBODY, "run", "--no-live", "c.yaml");
        List<String> words = command.command();
        words.set(words.indexOf("-cp") + 1, readableClassPath());
        command.environment().remove("XDG_RUNTIME_DIR");
        expect(mistake.exitCode(), mistake.line(), Nfv.await(command.directory(directory.toFile())));
    }

    private static Stream<Mistake> forbidden() {
        return Stream.of(
                wrongChain(
                        "a capture to read",
                        capture("good.pcap"),
                        "3:*: functions[0].config.file: *good.pcap*permission*"),
                wrongChain(
                        "a capture to write",
                        chainOf("{type: mirror, config: {file: out.pcap}}"),
                        "4:*: functions[1].config.file: *out.pcap*permission*"),
                mistake("an interface", """
                        chain: c
                        functions:
                          - port: netmap:lo
                          - type: sink
                        """, ENVIRONMENT, "nfv: netmap:lo: *EPERM*"));
    }

    /** The class path in files that everybody may read: Maven's repository may lie in a home directory that is closed. */
    private String readableClassPath() throws IOException {
        Path copies = Files.createDirectory(directory.resolve("class-path"));
        List<String> copied = new ArrayList<>();
        for (String entry : Nfv.classPath().split(File.pathSeparator)) {
            Path copy = copies.resolve(copied.size() + "-" + Path.of(entry).getFileName());
            copyAll(Path.of(entry), copy);
            copied.add(copy.toString());
        }
        return String.join(File.pathSeparator, copied);
    }

    private static void copyAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2048, 6, 2", "65536, 8, 0"})
    void packetsOfExtremeLengthsPassOrAreCounted(int bufferSize, long created, long skipped) throws Exception {
        Files.write(directory.resolve("lengths.pcap"), pcap(0, 13, 14, 65_535, 0, 13, 14, 65_535));
        Files.writeString(chain, """
                chain: c
                memory: {buffer-size: SIZE}
                functions:
                  - {type: pcap-source, config: {file: lengths.pcap}}
                  - {type: firewall, config: {default: accept}}
                  - {type: nat44, config: {inside: [10.1.0.0/24], external: [203.0.113.1]}}
                  - {type: monitor}
                  - {type: mirror, config: {file: mirror.pcap}}
                  - {type: pcap-sink, config: {file: out.pcap}}
                """.replace("SIZE", Integer.toString(bufferSize)));
        Chains.End end = Chains.run(chain);
        assertEquals(created, end.hop("pcap-source").created());
        assertEquals(skipped, end.reports().get("pcap-source").get("skipped-too-long"));
        long dropped = end.accounts().hops().stream().mapToLong(Hop::dropped).sum();
        assertEquals(created, end.hop("pcap-sink").consumed() + dropped);
        Nfv.run("run", "--no-live", chain.toString()).succeeded();
    }

    private static void expect(int exitCode, String line, Nfv.Result result) {
        assertNoStackTrace(result);
        assertEquals(1, result.err().size(), () -> "not one line: " + result.err() + result.out());
        String pattern =
                Arrays.stream(line.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertTrue(result.err().getFirst().matches(pattern), () -> result.err().getFirst() + " is not " + line);
        assertEquals(exitCode, result.exitCode(), result.err()::toString);
    }

    private static void assertNoStackTrace(Nfv.Result result) {
        Stream.concat(result.err().stream(), result.out().stream())
                .forEach(line -> assertTrue(
                        !line.startsWith("\tat ") && !line.contains("Exception") && !line.contains("internal error"),
                        line));
    }
}
