// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.swap;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import jakarta.validation.constraints.NotNull;

/** Configuration of a {@link Swap}. */
@Introspected
public record SwapConfig(
        @JsonProperty(defaultValue = "ethernet")
        @JsonPropertyDescription(
                "What changes places: ethernet = MAC addresses, network = IP addresses too, transport = ports of TCP and"
                        + " UDP too.")
        @NotNull
        Layer upTo,

        @JsonProperty(defaultValue = "false")
        @JsonPropertyDescription("Send packets back where they came from, as a loopback for test traffic does.")
        boolean reflect) {}
