// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;

/**
 * Configuration of {@link PcapSink}.
 *
 * @param file to be written; one that exists is replaced
 * @param format of the file
 * @param precision of its timestamps
 * @param snaplen most bytes to be written of each packet
 */
@Introspected
public record PcapSinkConfig(
        @JsonPropertyDescription("file to be written; one that exists is replaced") @NotBlank
        String file,

        @JsonProperty(defaultValue = "pcap") @JsonPropertyDescription("format of the file") @NotNull
        CaptureFormat format,

        @JsonProperty(defaultValue = "nano") @JsonPropertyDescription("precision of the timestamps") @NotNull
        TimestampPrecision precision,

        @JsonProperty(defaultValue = "262144")
        @JsonPropertyDescription("most bytes to be written of each packet")
        @Min(1)
        @Max(CaptureReader.MAX_PACKET_LENGTH)
        int snaplen) {}
