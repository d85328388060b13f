// SPDX-License-Identifier: BSD-2-Clause
package com.example.vnf;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** What stands under {@code config:} in a chain: {@code minimum-ttl: 5}. */
@Introspected
public record TtlGuardConfig(
        @JsonPropertyDescription("Smallest TTL that passes")
                @JsonProperty(defaultValue = "5")
                @Min(0)
                @Max(255)
                int minimumTtl) {}
