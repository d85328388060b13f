// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Replays the packets of a capture file, with their timestamps, as fast as the chain takes them or in the recorded rhythm.
 *
 * <p>Packets longer than {@link Output#maxCreateLength()} are left out and counted as {@code skipped-too-long}. Where the file
 * turns out to be corrupt, the packets before that place are sent and then {@link #process} throws {@link CaptureException}.
 */
@FunctionType(name = "pcap-source", summary = "Replays a pcap or pcapng file", kind = FunctionType.Kind.SOURCE)
public final class PcapSource implements PacketSource {
    private final PcapSourceConfig config;
    private CaptureReader reader;
    private Counter skippedTooLong;
    private Optional<CaptureException> failure = Optional.empty();
    private boolean exhausted;
    private long sent;
    private long passes;
    private boolean passStarted;
    private long passStartNanos;
    private long firstTimestamp;

    public PcapSource(@Parameter PcapSourceConfig config) {
        this.config = config;
    }

    @Override
    public void start(FunctionContext context) {
        skippedTooLong = context.counter("skipped-too-long", "Packets of the file that do not fit a packet buffer");
        try {
            reader = CaptureReader.open(context.resolve(config.file()));
        } catch (CaptureException e) {
            throw new ConfigurationException("file", e.getMessage());
        }
        advance();
        failure.ifPresent(e -> {
            reader.close();
            throw new ConfigurationException("file", e.getMessage());
        });
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        if (failure.isPresent()) {
            throw failure.get();
        }
        for (int i = 0; i < PacketBatch.MAX_SIZE && isDue(batch.nowNanos()) && send(batch, out); i++) {
            advance();
        }
    }

    /** Whether there is a packet, and its time has come. */
    private boolean isDue(long nowNanos) {
        if (exhausted || failure.isPresent()) {
            return false;
        }
        long timestamp = reader.timestampNanos();
        if (config.speed() == 0 || timestamp == 0) {
            return true;
        }
        if (!passStarted) {
            passStarted = true;
            passStartNanos = nowNanos;
            firstTimestamp = timestamp;
        }
        return timestamp - firstTimestamp <= (nowNanos - passStartNanos) * config.speed();
    }

    /** Sends the reader's packet, or counts it as too long; false where there is no room at present. */
    private boolean send(PacketBatch batch, Output out) {
        if (reader.length() > out.maxCreateLength()) {
            skippedTooLong.add(1);
            return true;
        }
        int index = out.create(reader.length(), Side.OUT);
        if (index < 0) {
            return false;
        }
        Packet packet = batch.packet(index);
        packet.put(0, reader.array(), reader.arrayOffset(), reader.length());
        packet.timestampNanos(reader.timestampNanos());
        sent++;
        return true;
    }

    /** Moves the reader to the next packet, in the next pass over the file if need be. */
    private void advance() {
        if (config.limit() != 0 && sent >= config.limit()) {
            exhausted = true;
            return;
        }
        try {
            if (!reader.next()) {
                beginPass();
            }
        } catch (CaptureException e) {
            failure = Optional.of(e);
        }
    }

    private void beginPass() {
        passes++;
        if (passes == config.loop() || reader.packets() == 0) {
            exhausted = true;
            return;
        }
        passStarted = false;
        reader.rewind();
        exhausted = !reader.next();
    }

    @Override
    public boolean exhausted() {
        return exhausted;
    }

    @Override
    public long idleNanos(long nowNanos) {
        if (exhausted || failure.isPresent() || config.speed() == 0 || !passStarted) {
            return 0;
        }
        long due = (long) ((reader.timestampNanos() - firstTimestamp) / config.speed());
        return Math.max(0, due - (nowNanos - passStartNanos));
    }

    @Override
    public void stop() {
        reader.close();
    }

    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", config.file());
        report.put("packets", sent);
        report.put("passes", passes);
        report.put("skipped-too-long", skippedTooLong.value());
        return report;
    }
}
