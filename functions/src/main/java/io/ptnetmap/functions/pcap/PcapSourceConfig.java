// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.FileName;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.PositiveOrZero;

/** Configuration of a {@link PcapSource}. */
@Introspected
public record PcapSourceConfig(
        @JsonPropertyDescription("The pcap or pcapng file, of Ethernet.") @NotBlank @FileName
        String file,

        @JsonProperty(defaultValue = "0")
        @JsonPropertyDescription("1 keeps the recorded gaps between packets, 2 halves them; 0 = as fast as possible.")
        @PositiveOrZero
        double speed,

        @JsonProperty(defaultValue = "1") @JsonPropertyDescription("Times to replay the file; 0 = for ever.") @Min(0)
        long loop,

        @JsonProperty(defaultValue = "0") @JsonPropertyDescription("Packets after which to stop; 0 = none.") @Min(0)
        long limit) {}
