// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.packet.IpAddress;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Builds configurations for tests. */
final class Nat44Configs {
    static final Nat44Timeouts TIMEOUTS = new Nat44Timeouts(
            Duration.ofSeconds(300),
            Duration.ofMinutes(124),
            Duration.ofMinutes(4),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));

    private List<IpAddress> external = addresses("203.0.113.1");
    private PortRange ports = PortRange.parse("1024-65535");
    private int maxBindings = 10_000;
    private int maxSessions = 10_000;
    private Filtering filtering = Filtering.ADDRESS_AND_PORT_DEPENDENT;
    private boolean hairpinning = true;
    private Unmatched unmatched = Unmatched.PASS;

    Nat44Configs external(String... addresses) {
        external = addresses(addresses);
        return this;
    }

    Nat44Configs ports(String range) {
        ports = PortRange.parse(range);
        return this;
    }

    Nat44Configs maxBindings(int max) {
        maxBindings = max;
        return this;
    }

    Nat44Configs maxSessions(int max) {
        maxSessions = max;
        return this;
    }

    Nat44Configs filtering(Filtering filtering) {
        this.filtering = filtering;
        return this;
    }

    Nat44Configs hairpinning(boolean on) {
        hairpinning = on;
        return this;
    }

    Nat44Configs unmatched(Unmatched action) {
        unmatched = action;
        return this;
    }

    Nat44Config build() {
        return new Nat44Config(
                List.of(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("192.168.0.0/24")),
                external,
                ports,
                maxBindings,
                maxSessions,
                100,
                filtering,
                hairpinning,
                unmatched,
                TIMEOUTS);
    }

    private static List<IpAddress> addresses(String... texts) {
        return Arrays.stream(texts).map(IpAddress::parse).toList();
    }
}
