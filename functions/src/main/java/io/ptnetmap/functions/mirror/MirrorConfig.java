// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.mirror;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.nfv.api.FileName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;

/** Configuration of a {@link Mirror}. */
@Introspected
public record MirrorConfig(
        @JsonPropertyDescription("The file to write; one that exists is replaced.") @NotBlank @FileName
        String file,

        @JsonProperty(defaultValue = "pcap") @JsonPropertyDescription("Format of the file: pcap or pcapng.") @NotNull
        CaptureFormat format,

        @JsonProperty(defaultValue = "nano")
        @JsonPropertyDescription("Precision of the timestamps: micro or nano.")
        @NotNull
        TimestampPrecision precision,

        @JsonProperty(defaultValue = "262144")
        @JsonPropertyDescription("Most bytes to write of each packet.")
        @Min(1)
        @Max(CaptureReader.MAX_PACKET_LENGTH)
        int snaplen,

        @JsonProperty(defaultValue = "1")
        @JsonPropertyDescription("Write one packet of this many: the first, and each one that many later.")
        @Min(1)
        int sample,

        @JsonProperty(defaultValue = "0")
        @JsonPropertyDescription("Packets after which to stop writing; 0 = none.")
        @Min(0)
        long maxPackets,

        @JsonProperty(defaultValue = "0")
        @JsonPropertyDescription("Bytes of packets after which to stop writing; 0 = none.")
        @Min(0)
        long maxBytes) {}
