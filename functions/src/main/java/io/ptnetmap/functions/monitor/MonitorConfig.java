// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FileName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Optional;

/** Configuration of a {@link Monitor}. */
@Introspected
public record MonitorConfig(
        @JsonProperty(defaultValue = "65536")
        @JsonPropertyDescription("Most flows followed at a time; each takes about 110 bytes of memory.")
        @Min(1)
        @Max(1 << 24)
        int capacity,

        @JsonProperty(defaultValue = "60s")
        @JsonPropertyDescription("How long a flow is followed after its last packet, such as 60s.")
        @NotNull
        Duration idleTimeout,

        @JsonProperty(defaultValue = "10")
        @JsonPropertyDescription("Number of flows with the most bytes to report.")
        @Min(0)
        @Max(1000)
        int top,

        @JsonPropertyDescription("The file to write the present flows to; none is written if not given.") @FileName
        Optional<String> file,

        @JsonProperty(defaultValue = "csv") @JsonPropertyDescription("Format of the file: csv or json.") @NotNull
        FlowFileFormat format,

        @JsonProperty(defaultValue = "10s")
        @JsonPropertyDescription("How often to write the file, such as 10s; it is always written at the end.")
        @NotNull
        Duration interval) {

    /** Refuses durations that are not positive. */
    public MonitorConfig {
        requirePositive("idle-timeout", idleTimeout);
        requirePositive("interval", interval);
    }

    private static void requirePositive(String field, Duration duration) {
        if (!duration.isPositive()) {
            throw new ConfigurationException(field, "must be longer than 0");
        }
    }
}
