// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.firewall.Firewall;
import io.ptnetmap.functions.firewall.FirewallConfig;
import io.ptnetmap.nfv.testkit.FunctionTester;
import io.ptnetmap.samples.Capture.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The firewall lets through what nftables with the same rules lets through, of recorded traffic. */
class FirewallAgainstNftablesTest {
    private static final byte[] ROUTER_MAC = {2, 0, 0, 0, 0, 1};
    private static final int TTL = 64;

    @TempDir
    private Path directory;

    @BeforeEach
    void judges() {
        Tools.needRoot();
        Tools.need("ip", "nft", "tcpreplay", "tcpdump");
    }

    @Test
    void connectionsFromInsideOnly() throws IOException {
        compare(replay("inside.pcap"), """
                rules:
                  - {action: accept, source: [10.1.0.0/24, "2001:db8:1::/64"], state: [new]}
                """, """
                ct state established,related accept
                ip saddr 10.1.0.0/24 ct state new accept
                ip6 saddr 2001:db8:1::/64 ct state new accept
                """, "drop");
    }

    @Test
    void servicesByPort() throws IOException {
        compare(replay("inside.pcap"), """
                rules:
                  - {action: drop, state: [invalid]}
                  - {action: accept, protocol: tcp, destination-port: [80, 443], destination: [203.0.113.80]}
                  - {action: accept, protocol: tcp, destination-port: [22, 5201], source-port: [1024-65535]}
                  - {action: accept, protocol: udp, destination-port: [53]}
                  - {action: accept, protocol: icmp, icmp-type: [8]}
                  - {action: drop, protocol: icmpv6, icmp-type: [128]}
                  - {action: accept, protocol: icmpv6}
                """, """
                ct state established,related accept
                ct state invalid drop
                ip daddr 203.0.113.80 tcp dport { 80, 443 } accept
                tcp dport { 22, 5201 } tcp sport 1024-65535 accept
                udp dport 53 accept
                icmp type echo-request accept
                icmpv6 type echo-request drop
                meta l4proto ipv6-icmp accept
                """, "drop");
    }

    @Test
    void someThingsForbidden() throws IOException {
        compare(replay("outside.pcap"), """
                default: accept
                rules:
                  - {action: drop, protocol: udp, destination-port: [53, 33434-33600]}
                  - {action: drop, protocol: tcp, destination: [198.51.100.0/24]}
                  - {action: drop, protocol: tcp, destination-port: [443], state: [new]}
                  - {action: drop, protocol: icmp, icmp-type: [8], destination: [203.0.113.80/32]}
                """, """
                ct state established,related accept
                udp dport { 53, 33434-33600 } drop
                tcp flags & 0 == 0 ip daddr 198.51.100.0/24 drop
                tcp dport 443 ct state new drop
                ip daddr 203.0.113.80 icmp type echo-request drop
                """, "accept");
    }

    /** Without connection tracking nftables judges later fragments by themselves, so there are none in this comparison. */
    @Test
    void stateless() throws IOException {
        List<Frame> replay = replay("inside.pcap").stream()
                .filter(frame -> !Ip.isFragment(frame.bytes()))
                .toList();
        compare(replay, """
                stateful: false
                rules:
                  - {action: drop, protocol: tcp, source-port: [80], destination: [10.1.0.2]}
                  - {action: accept, protocol: "6"}
                  - {action: drop, source: ["2001:db8:2::/48"]}
                  - {action: accept, protocol: icmpv6, icmp-type: [0-127, 129]}
                  - {action: accept, protocol: udp, source-port: [41000-41100]}
                """, """
                ip daddr 10.1.0.2 tcp sport 80 drop
                meta l4proto tcp accept
                ip6 saddr 2001:db8:2::/48 drop
                icmpv6 type { 0-127, 129 } accept
                udp sport 41000-41100 accept
                """, "drop");
    }

    /** The routable IP packets of a capture, addressed to the router, with hops enough. */
    private static List<Frame> replay(String name) {
        List<Frame> replay = new ArrayList<>();
        for (Frame frame : Capture.read(Capture.TRAFFIC.resolve(name))) {
            if (Ip.isRoutable(frame.bytes())) {
                byte[] bytes = Ip.withTtl(frame.bytes(), TTL);
                System.arraycopy(ROUTER_MAC, 0, bytes, 0, ROUTER_MAC.length);
                replay.add(new Frame(frame.timestampNanos(), bytes));
            }
        }
        return replay;
    }

    private void compare(List<Frame> replay, String config, String nftRules, String nftPolicy) throws IOException {
        TreeMap<String, Integer> differences = new TreeMap<>();
        List<Frame> byNftables = throughNftables(replay, nftRules, nftPolicy);
        List<Frame> byFirewall = throughFirewall(replay, config);
        byNftables.forEach(frame -> differences.merge(Ip.identityAcrossRouter(frame.bytes()), 1, Integer::sum));
        byFirewall.forEach(frame -> differences.merge(Ip.identityAcrossRouter(frame.bytes()), -1, Integer::sum));
        differences.values().removeIf(count -> count == 0);
        assertEquals(new TreeMap<>(), differences, "packets that only nftables (1) or only the firewall (-1) passed");
        assertTrue(!byFirewall.isEmpty() && byFirewall.size() < replay.size(), "the rules make a difference");
    }

    private static List<Frame> throughFirewall(List<Frame> replay, String config) {
        List<Frame> passed = new ArrayList<>();
        try (FunctionTester tester =
                FunctionTester.of(new Firewall(Configs.read("firewall", FirewallConfig.class, config)))) {
            for (Frame frame : replay) {
                tester.advance(Duration.ofNanos(200_000));
                tester.feed(frame.bytes()).forwarded().forEach(bytes -> passed.add(new Frame(0, bytes)));
            }
        }
        return passed;
    }

    private List<Frame> throughNftables(List<Frame> replay, String rules, String policy) throws IOException {
        Path script = directory.resolve("nftables.sh");
        try (InputStream resource = getClass().getResourceAsStream("nftables.sh")) {
            Files.write(script, resource.readAllBytes());
        }
        Path ruleset = Files.writeString(directory.resolve("rules.nft"), """
                table inet filter {
                    chain forward {
                        type filter hook forward priority filter; policy %s;
                        %s
                    }
                }
                """.formatted(policy, rules));
        Path in = directory.resolve("in.pcap");
        Path out = directory.resolve("out.pcap");
        Capture.write(in, replay);
        Tools.run("bash", script.toString(), ruleset.toString(), in.toString(), out.toString());
        return Capture.read(out).stream()
                .filter(frame -> Ip.isRoutable(frame.bytes())) // the router greets its links
                .toList();
    }
}
