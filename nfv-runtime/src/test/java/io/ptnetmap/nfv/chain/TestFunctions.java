// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonValue;
import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** One function of each kind, with configurations of every shape that the binder knows. */
public final class TestFunctions {
    private TestFunctions() {}

    private abstract static class Idle implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {}
    }

    /** Stands for the real one, whose file {@code --pcap} replaces. */
    @FunctionType(name = "pcap-source", summary = "Makes packets", kind = FunctionType.Kind.SOURCE)
    public static final class Source extends Idle {
        public final SourceConfig config;

        public Source(@Parameter SourceConfig config) {
            this.config = config;
        }
    }

    @Introspected
    public record SourceConfig(
            @JsonPropertyDescription("Capture to read") @NotBlank
            String file,

            @JsonProperty(defaultValue = "1") @Min(1) long repeat) {}

    /** Takes everything. */
    @FunctionType(name = "drain", summary = "Takes all packets", kind = FunctionType.Kind.SINK)
    public static final class Drain extends Idle {}

    /** Looks only. */
    @FunctionType(name = "watch", summary = "Looks at packets", readOnly = true)
    public static final class Watch extends Idle {}

    /** Has a configuration with nearly everything. */
    @FunctionType(name = "sieve", summary = "Drops what its rules say")
    public static final class Sieve extends Idle {
        public final SieveConfig config;

        public Sieve(@Parameter SieveConfig config) {
            this.config = config;
            if (config.rules().size() == 13) {
                throw new ConfigurationException("rules[12]", "thirteen rules bring bad luck");
            }
        }
    }

    @Introspected
    public record SieveConfig(
            @JsonPropertyDescription("What happens to packets that no rule matches")
            @JsonProperty(defaultValue = "pass-on")
            Verdict otherwise,

            @Size(max = 20) List<@Valid Rule> rules,
            @JsonProperty(defaultValue = "5m") Duration idleTimeout,
            @Valid Limits limits,
            Optional<String> comment,
            OptionalInt seed,
            Map<String, @Min(0) Integer> weights,
            @JsonProperty(defaultValue = "0.5") double share,

            @JsonProperty(value = "log", defaultValue = "false")
            boolean logging,

            List<@NotBlank String> labels) {}

    @Introspected
    public record Rule(
            Verdict action,
            Network source,

            @JsonProperty(defaultValue = "0") @Min(0) @Max(65535)
            int port) {
        public Rule {
            if (action == Verdict.LET_FALL && port == 1) {
                throw new ConfigurationException("port", "port 1 cannot fall");
            }
        }
    }

    @Introspected
    public record Limits(
            @JsonProperty(defaultValue = "64Ki") @Min(1) int flows,
            @JsonProperty(defaultValue = "1M") long rate) {}

    public enum Verdict {
        PASS_ON,
        LET_FALL
    }

    /** A type that only Jackson knows how to make. */
    public record Network(String text) {
        @JsonCreator
        public static Network parse(String text) {
            if (!text.matches("[0-9./]+")) {
                throw new IllegalArgumentException("'" + text + "' is no network; write it as 192.0.2.0/24");
            }
            return new Network(text);
        }

        @JsonValue
        @Override
        public String text() {
            return text;
        }
    }
}
