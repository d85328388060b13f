// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import java.util.Map;

/**
 * Records packets into a capture file and consumes them.
 *
 * <p>Of a packet that lies in several buffers, the first is written. Where the file cannot be written, as on a full disk,
 * {@link #process} throws {@link CaptureException}: a recording with silent gaps would be worse.
 */
@FunctionType(name = "pcap-sink", summary = "Records packets into a pcap or pcapng file", kind = FunctionType.Kind.SINK)
public final class PcapSink implements NetworkFunction {
    private final PcapSinkConfig config;
    private CaptureRecorder recorder;

    public PcapSink(@Parameter PcapSinkConfig config) {
        this.config = config;
    }

    @Override
    public void start(FunctionContext context) {
        recorder = new CaptureRecorder(context, config.file(), config.format(), config.precision(), config.snaplen());
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        for (int i = 0; i < batch.size(); i++) {
            recorder.write(batch.packet(i), batch.nowNanos());
            out.consume(i);
        }
    }

    /** Lets those who follow the file see what has come so far. */
    @Override
    public void tick(long nowNanos) {
        recorder.flush();
    }

    @Override
    public void stop() {
        recorder.close();
    }

    @Override
    public Map<String, Object> report() {
        return recorder.report();
    }
}
