// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.Packet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A capture file that a function writes: packets are dated, and counted for its report.
 *
 * <p>Recording allocates nothing per packet. Writing methods may throw {@link CaptureException}. Single-threaded.
 */
public final class CaptureRecorder implements AutoCloseable {
    private final String file;
    private final CaptureClock clock;
    private final CaptureWriter writer;

    /**
     * Creates the file, or empties one that exists.
     *
     * @param file as the function's configuration has it, in its field {@code file}
     * @param snaplen most bytes to be written of each packet, 1 to {@link CaptureReader#MAX_PACKET_LENGTH}
     * @throws ConfigurationException if the file cannot be written
     */
    public CaptureRecorder(
            FunctionContext context, String file, CaptureFormat format, TimestampPrecision precision, int snaplen) {
        this.file = file;
        this.clock = new CaptureClock(context.nowNanos());
        try {
            this.writer = CaptureWriter.create(context.resolve(file), format, precision, snaplen);
        } catch (CaptureException e) {
            throw new ConfigurationException("file", e.getMessage());
        }
    }

    /**
     * Writes a packet, as much of it as its view covers.
     *
     * @param nowNanos the engine's clock, for packets without a timestamp of their own
     */
    public void write(Packet packet, long nowNanos) {
        writer.write(packet.address(), packet.length(), packet.totalLength(), clock.timestamp(packet, nowNanos));
    }

    /** Packets written so far. */
    public long packets() {
        return writer.packets();
    }

    /** Bytes of packets written so far. */
    public long bytes() {
        return writer.bytes();
    }

    /** Lets those who follow the file see what has come so far. */
    public void flush() {
        writer.flush();
    }

    @Override
    public void close() {
        writer.close();
    }

    /** File, packets and bytes, for the function's report, which may add to it. */
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file);
        report.put("packets", writer.packets());
        report.put("bytes", writer.bytes());
        return report;
    }
}
