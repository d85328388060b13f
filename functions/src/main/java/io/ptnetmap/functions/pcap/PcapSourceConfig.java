// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;

/**
 * Configuration of {@link PcapSource}.
 *
 * @param file pcap or pcapng file of Ethernet
 * @param speed {@code max}, or a factor: 1 keeps the recorded gaps between packets, 2 halves them
 * @param loop times to replay the file; 0 = for ever
 * @param limit packets after which to stop; 0 = none
 */
@Introspected
public record PcapSourceConfig(
        @JsonPropertyDescription("pcap or pcapng file of Ethernet") @NotBlank
        String file,

        @JsonProperty(defaultValue = "max")
        @JsonPropertyDescription("max (or 0), or a factor: 1 keeps the recorded gaps between packets, 2 halves them")
        @Pattern(regexp = "max|[0-9]+(\\.[0-9]+)?", message = "must be max or a number, such as 1 or 0.5")
        String speed,

        @JsonProperty(defaultValue = "1") @JsonPropertyDescription("times to replay the file; 0 = for ever") @Min(0)
        long loop,

        @JsonProperty(defaultValue = "0") @JsonPropertyDescription("packets after which to stop; 0 = none") @Min(0)
        long limit) {

    /** The factor; 0 = as fast as possible. */
    double factor() {
        return speed.equals("max") ? 0 : Double.parseDouble(speed);
    }
}
