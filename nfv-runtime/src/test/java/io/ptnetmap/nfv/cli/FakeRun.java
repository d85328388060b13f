// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Link;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.HopBuilder;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run whose source makes 1,000 packets per look, of which the sink gets 900; ends by itself after a number of looks. */
final class FakeRun implements ChainRun {
    private final Chain chain;
    private final int looksToEnd;
    private final long lost;
    private int looks;
    Optional<Instant> firstPacket = Optional.empty();
    ChainHealth health = ChainHealth.NONE;
    boolean drained;
    boolean closed;

    FakeRun(Chain chain, int looksToEnd, long lost) {
        this.chain = chain;
        this.looksToEnd = looksToEnd;
        this.lost = lost;
    }

    @Override
    public ChainSnapshot snapshot() {
        long packets = 1000L * looks;
        long dropped = packets / 10;
        String source = chain.nodes().getFirst().name();
        String sink = chain.nodes().getLast().name();
        return new ChainSnapshot(
                chain.name(),
                looks * 1_000_000_000L,
                List.of(
                        new HopBuilder(source, source)
                                .at("same", 0)
                                .created(packets)
                                .sent(packets - dropped, (packets - dropped) * 100)
                                .drops(Map.of("no-rule", dropped))
                                .build(),
                        new HopBuilder(sink, sink)
                                .at("same", 0)
                                .received(packets - dropped, (packets - dropped) * 100)
                                .consumed(packets - dropped)
                                .behind(new Link("pipe", 1024, 300))
                                .build()));
    }

    @Override
    public boolean await(Duration timeout) {
        looks++;
        if (looksToEnd < 0) {
            throw new ChainFailedException("function 'x' failed: out of luck");
        }
        return looks >= looksToEnd;
    }

    @Override
    public void drain(Duration timeout) {
        drained = true;
    }

    @Override
    public Optional<Instant> firstPacket() {
        return firstPacket;
    }

    @Override
    public Conservation conservation() {
        long packets = 1000L * looks;
        return new Conservation(0, packets, 0, packets / 10, packets - packets / 10 - lost, 0);
    }

    @Override
    public TimeUse timeUse() {
        return TimeUse.NONE;
    }

    @Override
    public Map<String, Map<String, Object>> reports() {
        return Map.of(chain.nodes().getLast().name(), Map.of("flows", 12345, "file", "out.pcap"));
    }

    @Override
    public ChainHealth health() {
        return health;
    }

    @Override
    public void close() {
        closed = true;
    }
}
