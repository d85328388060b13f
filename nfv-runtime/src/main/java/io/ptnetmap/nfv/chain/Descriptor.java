// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Reaction;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The descriptor's shape, one record per mapping. Read by {@link ConfigBinder} and published by {@link ChainSchema}, so that
 * both say the same.
 */
@Introspected
record Descriptor(
        @JsonPropertyDescription("Name of the chain") @Pattern(regexp = NAME, message = NAME_MESSAGE)
        String chain,

        @JsonPropertyDescription("The memory that all links share") @Valid
        MemoryPart memory,

        @JsonPropertyDescription("Jars and directories with functions of your own, relative to this file")
        List<@NotBlank String> functionPath,

        @JsonPropertyDescription("What links are like where nothing else is said") @Valid
        LinkPart link,

        @JsonPropertyDescription("What to do when a function fails, where it says nothing else") @Valid
        FailurePart onFailure,

        @JsonPropertyDescription("Virtual machines that functions are placed in by 'vm', where they need settings")
        Map<String, @Valid VmPart> vms,

        @JsonPropertyDescription("What packets pass, from the chain's beginning to its end")
        @NotEmpty(message = "must have at least one element")
        @Size(max = 256)
        List<YamlNode> functions,

        @JsonPropertyDescription("Explicit wiring; without it, each function is linked to the next of the list")
        List<@Valid WirePart> links) {

    static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,31}";
    static final String NAME_MESSAGE =
            "must be 1 to 32 letters, digits, '-', '_' or '.', beginning with a letter or digit";
    static final String VM_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,31}";
    static final String VM_NAME_MESSAGE =
            "must be 1 to 32 letters, digits, '-' or '_', beginning with a letter or digit";

    /** {@code memory:}. */
    @Introspected
    record MemoryPart(
            @JsonPropertyDescription("Packet buffers; 0 = as many as the chain's rings need")
            @JsonProperty(defaultValue = "0")
            @Min(0)
            @Max(1 << 24)
            int buffers,

            @JsonPropertyDescription("Bytes of a packet buffer, a multiple of 64")
            @JsonProperty(defaultValue = "2048")
            @Min(64)
            @Max(65536)
            int bufferSize) {

        MemoryPart {
            if (bufferSize % 64 != 0) {
                throw new ConfigurationException("buffer-size", "must be a multiple of 64");
            }
        }
    }

    /** A value of {@code vms:}. */
    @Introspected
    record VmPart(
            @JsonPropertyDescription("Bytes of its memory; packets lie in the chain's memory, not in this one")
            @JsonProperty(defaultValue = "512Mi")
            @Min(value = VmPart.LEAST_MEMORY, message = "must be at least 192Mi, for a kernel and a Java runtime")
            @Max(1L << 40)
            long memory,

            @JsonPropertyDescription("Virtual processors") @JsonProperty(defaultValue = "1") @Min(1) @Max(64)
            int cpus,

            @JsonPropertyDescription(
                    "Files that its functions read, relative to this file; they are copied into the machine")
            List<@Pattern(regexp = "[^/].*", message = "must be relative to the chain's file") String> files) {

        static final long LEAST_MEMORY = 192 << 20;
        static final VmPart DEFAULT = new VmPart(512 << 20, 1, List.of());

        VmPart {
            for (int i = 0; i < files.size(); i++) {
                if (List.of(files.get(i).split("/")).contains("..")) {
                    throw new ConfigurationException(
                            "files[" + i + "]", "must lie in the directory of the chain's file, or below it");
                }
            }
        }
    }

    /** Where a function without {@code vm} runs. */
    enum ProcessPart {
        SAME,
        OWN
    }

    /** {@code link:}; what is left out is taken from the chain's {@code link}, or from the defaults. */
    @Introspected
    record LinkPart(
            @JsonPropertyDescription("auto: a call on the same worker, a queue between workers, a pipe between"
                    + " processes and virtual machines; pipe: always a netmap pipe; vale: a switch that copies"
                    + " packets, between sides that cannot reach each other's memory. Default: auto")
            Optional<LinkType> type,

            @JsonPropertyDescription(
                    "When the far side does not keep up: block waits, drop drops and counts. Default: block; a link of"
                            + " type vale can only drop")
            Optional<Policy> policy,

            @JsonPropertyDescription("Slots of a pipe's rings, or a switch's. Default: 1024")
            Optional<@Min(4) @Max(16384) Integer> slots) {

        static final LinkPart EMPTY = new LinkPart(Optional.empty(), Optional.empty(), Optional.empty());

        /** What this says, and of the rest what another says. */
        LinkPart or(LinkPart other) {
            return new LinkPart(type.or(other::type), policy.or(other::policy), slots.or(other::slots));
        }
    }

    /** {@code on-failure:}; what is left out is taken from the chain's {@code on-failure}, or from the defaults. */
    @Introspected
    record FailurePart(
            @JsonPropertyDescription(
                    "closed: packets over which it fails are dropped; open: they pass; stop: the chain ends."
                            + " Default: closed, and stop for a source")
            Optional<Reaction> policy,

            @JsonPropertyDescription("Failures within the window after which it is called no more. Default: 10")
            Optional<@Min(1) @Max(1000) Integer> limit,

            @JsonPropertyDescription("How long a failure counts. Default: 60s")
            Optional<Duration> window) {

        private static final Duration LONGEST_WINDOW = Duration.ofDays(1);

        FailurePart {
            if (window.isPresent() && (window.get().isZero() || window.get().compareTo(LONGEST_WINDOW) > 0)) {
                throw new ConfigurationException("window", "must be longer than nothing, and a day at most");
            }
        }

        OnFailure or(OnFailure otherwise) {
            return new OnFailure(
                    policy.orElse(otherwise.reaction()),
                    limit.orElse(otherwise.limit()),
                    window.orElse(otherwise.window()));
        }
    }

    /** An element with {@code type:}: a function. */
    @Introspected
    record FunctionPart(
            @JsonPropertyDescription("Name of this instance, unique in the chain. Default: its type")
            Optional<@Pattern(regexp = NAME, message = NAME_MESSAGE) String> name,

            @JsonPropertyDescription("The function; 'nfv functions' lists them") @NotBlank
            String type,

            @JsonPropertyDescription(
                    "same: in the process that runs the chain; own: in a process of its own. Default: same")
            Optional<ProcessPart> process,

            @JsonPropertyDescription("Name of the virtual machine that it runs in, instead of a process of this one")
            Optional<@Pattern(regexp = VM_NAME, message = VM_NAME_MESSAGE) String> vm,

            @JsonPropertyDescription("Thread within its process, from 0")
            @JsonProperty(defaultValue = "0")
            @Min(0)
            @Max(255)
            int worker,

            @JsonPropertyDescription("Group of functions that trust each other with all their packets; between groups"
                    + " there are links of type vale only. Default: default")
            Optional<@Pattern(regexp = NAME, message = NAME_MESSAGE) String> trust,

            @JsonPropertyDescription("The link that leads to it from the element before")
            Optional<@Valid LinkPart> link,

            @JsonPropertyDescription("What to do when it fails: throws, or dies with its process")
            Optional<@Valid FailurePart> onFailure,

            @JsonPropertyDescription("Keep what it knows for after a crash, where it is at most this old."
                    + " Default: it begins with nothing then")
            Optional<Duration> persist,

            @JsonPropertyDescription("The function's own configuration; 'nfv functions NAME' explains it")
            YamlNode config) {

        private static final Duration SHORTEST_PERSIST = Duration.ofMillis(100);
        private static final Duration LONGEST_PERSIST = Duration.ofDays(1);

        FunctionPart {
            if (persist.isPresent()
                    && (persist.get().compareTo(SHORTEST_PERSIST) < 0
                            || persist.get().compareTo(LONGEST_PERSIST) > 0)) {
                throw new ConfigurationException("persist", "must be 100ms at least, and a day at most");
            }
            if (process.isPresent() && vm.isPresent()) {
                throw new ConfigurationException(
                        "process",
                        "a function runs in a process of this machine or in a virtual one; keep 'process' or 'vm'");
            }
        }

        Placement placement() {
            if (vm.isPresent()) {
                return Placement.VM;
            }
            return process.orElse(ProcessPart.SAME) == ProcessPart.OWN ? Placement.OWN : Placement.SAME;
        }
    }

    /** An element with {@code port:}: a netmap port. */
    @Introspected
    record PortPart(
            @JsonPropertyDescription("Name of this element, unique in the chain. Default: the port")
            Optional<@Pattern(regexp = NAME, message = NAME_MESSAGE) String> name,

            @JsonPropertyDescription("A netmap port such as netmap:eth0; at the chain's beginning or end") @NotBlank
            String port,

            @JsonPropertyDescription("Thread that serves it, from 0")
            @JsonProperty(defaultValue = "0")
            @Min(0)
            @Max(255)
            int worker,

            @JsonPropertyDescription("The link that leads to it from the element before")
            Optional<@Valid LinkPart> link) {}

    /** An element with {@code parallel:}: read-only functions on the same packets. */
    @Introspected
    record ParallelPart(
            @JsonPropertyDescription("Read-only functions that look at the same packets, each on its own worker")
            @Size(min = 2, message = "must have at least two functions")
            List<YamlNode> parallel,

            @JsonPropertyDescription("The link that leads to them from the element before")
            Optional<@Valid LinkPart> link) {}

    /** An element of {@code links:}. */
    @Introspected
    record WirePart(
            @JsonPropertyDescription("Name of the element whose out side it leaves") @NotBlank
            String from,

            @JsonPropertyDescription("Name of the element whose in side it enters") @NotBlank
            String to,

            @JsonPropertyDescription("As in 'link'") Optional<LinkType> type,
            @JsonPropertyDescription("As in 'link'") Optional<Policy> policy,
            @JsonPropertyDescription("As in 'link'") Optional<@Min(4) @Max(16384) Integer> slots) {

        LinkPart link() {
            return new LinkPart(type, policy, slots);
        }
    }
}
