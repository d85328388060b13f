// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig;
import io.ptnetmap.nfv.tools.pktgen.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PktGenCommandTest {
    @Test
    void defaultsAreThoseOfTheOriginal() {
        GeneratorConfig config = PktGenLine.parse("-i", "x{1");
        assertEquals("netmap:x{1", config.port());
        assertEquals(Role.RX, config.role());
        assertEquals(512, config.load().burst());
        assertEquals(60, config.frames().maxSize());
        assertEquals(0x0a000001, config.frames().source().first());
        assertEquals(0x0a010001, config.frames().destination().first());
        assertEquals(1000, config.reports().periodMillis());
        assertEquals(0, config.waitSeconds());
        assertEquals(1, PktGenLine.parse("-i", "x{1", "-f", "ping").load().burst());
        assertEquals(2, PktGenLine.parse("-i", "eth0").waitSeconds());
        assertEquals(0, PktGenLine.parse("-i", "vale0:a").waitSeconds());
    }

    @Test
    void shortAndLongOptionsSayTheSame() {
        assertEquals(
                PktGenLine.parse(
                        "-ivale0:a", "-ftx", "-n7", "-l1500", "-l64", "-b8", "-R100", "-T500", "-z", "-Z", "-r"),
                PktGenLine.parse(
                        "--port=vale0:a",
                        "--function=tx",
                        "--count=7",
                        "--size=1500",
                        "--size=64",
                        "--burst=8",
                        "--rate=100",
                        "--period=500",
                        "-o1792"));
    }

    @Test
    void sizesOfRingsBecomePartOfThePort() {
        assertEquals(
                "netmap:x{1@conf:tx-slots=512,rx-slots=512",
                PktGenLine.parse("-i", "x{1", "-C", "512").port());
        assertEquals(
                "netmap:x{1@conf:tx-slots=512,tx-rings=2,rx-rings=2",
                PktGenLine.parse("-i", "x{1", "-C", "512,0,2,2").port());
    }

    @Test
    void aFileIsWrittenBySendersAndReadByReceivers() {
        assertEquals(
                "pcap:a.pcap/T",
                PktGenLine.parse("-i", "pcap:a.pcap", "-f", "tx").port());
        assertEquals(
                "pcap:a.pcap/T@2",
                PktGenLine.parse("-i", "pcap:a.pcap@2", "-f", "txseq").port());
        assertEquals(
                "pcap:a.pcap", PktGenLine.parse("-i", "pcap:a.pcap", "-f", "rx").port());
    }

    @Test
    void theFamilyFollowsFromTheAddresses() {
        assertFalse(PktGenLine.parse("-i", "x{1", "-s", "10.0.0.1:5")
                .frames()
                .source()
                .ipv6());
        assertTrue(PktGenLine.parse("-i", "x{1", "-s", "fd00::1")
                .frames()
                .destination()
                .ipv6());
        assertTrue(PktGenLine.parse("-i", "x{1", "-6").frames().source().ipv6());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|Missing required option: '--port=PORT'",
                "-i x{1 -f send|Invalid value for option '--function'",
                "-i x{1 -l 10|frames of 10 bytes cannot be sent; -l takes 16 to 65535",
                "-i x{1 -l 60 -l 100|the second -l is the least size: 100 is more than 60",
                "-i x{1 -l 1 -l 2 -l 3|-l is given twice at most",
                "-i x{1 -b 0|-b takes a number of packets from 1 on",
                "-i x{1 -n -1|-n takes a number of packets, 0 for no end",
                "-i x{1 -n many|Invalid value for option '--count'",
                "-i x{1 -F 64|-F takes 1 to 63 fragments, not 64",
                "-i x{1 -F 2 -M 10|-F 2 -M 10 hold 20 bytes, fewer than a packet has (60)",
                "-i x{1 -H 11|-H takes 0, 10 or 12",
                "-i x{1 -p 0|-p takes 1 to 256 threads, not 0",
                "-i x{1 -f ping -p 2|ping and pong are for one thread",
                "-i x{1 -R -5|-R takes packets per second",
                "-i x{1 -T 0|-T takes milliseconds from 1 on",
                "-i x{1 -w -1|-w takes 0 to 100 seconds, not -1",
                "-i x{1 -I|-I is not supported",
                "-i x{1 -o 32|-I is not supported",
                "-i x{1 -C 1,2,3,4,5|-C takes up to four numbers",
                "-i x{1@conf:slots=64 -C 64|sizes are given twice",
                "-i x{1 -4 -6|mutually exclusive",
                "-i x{1 -s fd00::1 -d 10.0.0.1|is no range of IPv6 addresses",
                "-i x{1 -D broadcast|'broadcast' is no Ethernet address; write it as 02:00:00:00:00:01",
                "-i x{y{z -f tx|netmap:x{y{z: "
            })
    void badLinesAreExplained(String line, String expected) {
        CommandOutcome outcome = CommandOutcome.of(("pkt-gen " + line).trim().split(" "));
        assertEquals(ExitCodes.USAGE, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().contains(expected), outcome::err);
        assertTrue(outcome.err().contains("Try 'nfv pkt-gen --help'."), outcome::err);
    }

    @Test
    void theHelpFitsATerminal() {
        CommandOutcome.of("pkt-gen", "--help").out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
}
