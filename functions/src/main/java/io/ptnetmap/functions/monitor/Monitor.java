// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.functions.pcap.CaptureClock;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.StateScan;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.packet.Headers;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts packets and bytes per flow and per protocol, in both directions, and tells the top talkers.
 *
 * <p>A flow is one direction of a conversation (RFC 7011 §2). Packets that belong to no flow (not IP, malformed, later fragments)
 * count in the totals only. Times are the packets' own where they have one, as those of a capture do. What is written into the
 * file is spread over the calls of {@link #tick}; trouble with it is logged and does not touch the traffic.
 */
@FunctionType(
        name = "monitor",
        summary = "Counts traffic per flow and protocol; tells the top talkers",
        readOnly = true)
public final class Monitor implements NetworkFunction, Stateful<Monitor.Observed> {
    private static final int STATE_VERSION = 2;

    /** What a monitor has seen, for its successor. */
    record Observed(Flows flows, Totals totals) {}

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);

    /** Flows that one tick expires or writes: well under a millisecond of work. */
    private static final int FLOWS_PER_TICK = 512;

    private final MonitorConfig config;
    private final Headers headers = new Headers();
    private final FlowKey key = new FlowKey();
    private Totals totals = new Totals();
    private Flows flows;
    private LongSupplier time = System::nanoTime;
    /** Whether it is for a successor to write what this one has seen. */
    private boolean handedOver;

    private Optional<FlowFile> file = Optional.empty();
    private CaptureClock clock;
    private Counter overflow;
    private long writtenNanos;

    public Monitor(@Parameter MonitorConfig config) {
        this.config = config;
        flows = new Flows(config.capacity(), config.idleTimeout(), config.top());
    }

    @Override
    public void start(FunctionContext context) {
        time = context::nowNanos;
        clock = new CaptureClock(context.nowNanos());
        overflow = context.counter("flow-table-full", "Packets of flows that there was no room for");
        writtenNanos = context.nowNanos();
        config.file().map(context::resolve).ifPresent(this::startFile);
    }

    private void startFile(Path path) {
        FlowFile started = new FlowFile(path, config.format(), flows);
        try {
            started.begin(totals.report());
            started.write(1);
        } catch (IOException e) {
            throw new ConfigurationException("file", path + ": cannot be written: " + e);
        }
        file = Optional.of(started);
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        handedOver = false;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            int length = packet.totalLength();
            headers.parse(packet);
            totals.add(headers, length);
            if (key.fill(headers)) {
                long timestamp = clock.timestamp(packet, batch.nowNanos());
                if (!flows.add(key, length, batch.nowNanos(), timestamp)) {
                    overflow.add(1);
                }
            }
        }
    }

    @Override
    public void tick(long nowNanos) {
        flows.expire(nowNanos, FLOWS_PER_TICK);
        file.ifPresent(present -> write(present, nowNanos));
    }

    private void write(FlowFile present, long nowNanos) {
        try {
            if (!present.isWriting()
                    && nowNanos - writtenNanos >= config.interval().toNanos()) {
                writtenNanos = nowNanos;
                present.begin(totals.report());
            }
            if (present.isWriting()) {
                present.write(FLOWS_PER_TICK);
            }
        } catch (IOException e) {
            fail(present, e);
        }
    }

    private static void fail(FlowFile present, IOException e) {
        present.abandon();
        LOG.warn("the monitor's file cannot be written: {}", e.toString());
    }

    @Override
    public void stop() {
        file.filter(present -> !handedOver).ifPresent(present -> {
            try {
                present.begin(totals.report());
                present.write(Integer.MAX_VALUE);
            } catch (IOException e) {
                fail(present, e);
            }
        });
    }

    /** Flows and totals. */
    @Override
    public Observed handOver() {
        handedOver = true;
        return new Observed(flows, totals);
    }

    @Override
    public Takeover takeOver(Observed observed) {
        int beyond = 0;
        if (flows.isLike(observed.flows())) {
            // Not copied: the worker stands still meanwhile.
            flows = observed.flows().telling(config.top());
        } else {
            beyond = flows.restore(observed.flows());
        }
        totals = observed.totals();
        file = file.map(present -> present.of(flows));
        return new Takeover(
                Map.of("flows", (long) flows.size()),
                beyond == 0 ? Map.of() : Map.of("flows beyond capacity", (long) beyond));
    }

    @Override
    public int stateVersion() {
        return STATE_VERSION;
    }

    @Override
    public void write(Observed observed, DataOutput out) throws IOException {
        observed.totals().write(out);
        observed.flows().write(out, time.getAsLong());
    }

    @Override
    public StateScan scan() {
        return StateScan.inOrder(
                StateScan.atOnce(totals::write), flows.scan(time.getAsLong()), StateScan.atOnce(flows::writeExpired));
    }

    @Override
    public Observed read(DataInput in, int version, long writtenAt) throws IOException {
        if (version != STATE_VERSION) {
            throw new IOException("a monitor's state in form " + version + " instead of " + STATE_VERSION);
        }
        Totals itsTotals = Totals.read(in);
        return new Observed(Flows.read(in, writtenAt, config.idleTimeout()), itsTotals);
    }

    /**
     * Totals, {@code protocols} with their packets and bytes, the number of {@code flows} at present and of {@code expired-flows},
     * packets that found the {@code flow-table-full}, and {@code top-talkers}.
     */
    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = totals.report();
        report.put("flows", flows.size());
        report.put("expired-flows", flows.expired());
        report.put("flow-table-full", overflow.value());
        report.put(
                "top-talkers", flows.largest().stream().map(FlowRecord::fields).toList());
        return report;
    }
}
