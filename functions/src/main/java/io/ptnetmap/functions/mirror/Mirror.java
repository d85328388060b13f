// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.mirror;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.functions.pcap.CaptureRecorder;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes passing packets of both directions, or a sample of them, into a capture file, straight from their buffers.
 *
 * <p>Traffic comes first: where the file cannot be written any more, as on a full disk, the mirror logs it, stops writing, and
 * packets pass as before. Of a packet that lies in several buffers, the first is written.
 */
@FunctionType(name = "mirror", summary = "Writes a copy of passing traffic into a pcap or pcapng file", readOnly = true)
public final class Mirror implements NetworkFunction {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    private final MirrorConfig config;
    private CaptureRecorder recorder;
    private int untilSample = 1;
    private String failure = "";

    public Mirror(@Parameter MirrorConfig config) {
        this.config = config;
    }

    @Override
    public void start(FunctionContext context) {
        recorder = new CaptureRecorder(context, config.file(), config.format(), config.precision(), config.snaplen());
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        try {
            for (int i = 0; i < batch.size() && isWriting(); i++) {
                if (isSampled()) {
                    recorder.write(batch.packet(i), batch.nowNanos());
                }
            }
        } catch (CaptureException e) {
            fail(e);
        }
    }

    private boolean isWriting() {
        return failure.isEmpty()
                && (config.maxPackets() == 0 || recorder.packets() < config.maxPackets())
                && (config.maxBytes() == 0 || recorder.bytes() < config.maxBytes());
    }

    /** Counts systematically (RFC 5475 §5.1). */
    private boolean isSampled() {
        untilSample--;
        if (untilSample > 0) {
            return false;
        }
        untilSample = config.sample();
        return true;
    }

    private void fail(CaptureException e) {
        failure = e.getMessage();
        LOG.warn("{}; the mirror stops writing", failure);
    }

    /** Lets those who follow the file see what has come so far. */
    @Override
    public void tick(long nowNanos) {
        if (failure.isEmpty()) {
            try {
                recorder.flush();
            } catch (CaptureException e) {
                fail(e);
            }
        }
    }

    @Override
    public void stop() {
        try {
            recorder.close();
        } catch (CaptureException e) {
            fail(e);
        }
    }

    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = recorder.report();
        if (!failure.isEmpty()) {
            report.put("failure", failure);
        }
        return report;
    }
}
