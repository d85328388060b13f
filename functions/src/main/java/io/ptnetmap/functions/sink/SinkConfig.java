// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;

/** Configuration of a {@link Sink}. */
@Introspected
public record SinkConfig(
        @JsonProperty(defaultValue = "false")
        @JsonPropertyDescription("Check the checksums and every byte of generated packets.")
        boolean checkContent,

        @JsonProperty(defaultValue = "true")
        @JsonPropertyDescription("Measure how long generated packets take; both ends must be on one machine.")
        boolean latency) {}
