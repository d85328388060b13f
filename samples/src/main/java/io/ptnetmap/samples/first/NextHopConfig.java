// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.first;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.packet.MacAddress;
import jakarta.validation.constraints.NotNull;

/** Configuration of a {@link NextHop}, as it stands under {@code config:} in a chain. */
@Introspected
public record NextHopConfig(
        @JsonPropertyDescription("MAC address of the next hop.") @NotNull
        MacAddress neighbour,

        @JsonProperty(defaultValue = "02:00:00:00:00:01") @JsonPropertyDescription("Our own MAC address.") @NotNull
        MacAddress own) {}
