// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.PacketFilter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How many packets to show. */
final class PacketOptions {
    /** Of the command that has this option. */
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "End after this many packets.")
    private Optional<Long> count;

    PacketFilter filter(Optional<String> expression, Optional<Integer> snapLength) {
        ToolFailures.requireSome(spec, "--count", count);
        ToolFailures.requireSome(spec, "--snaplen", snapLength);
        return new PacketFilter(
                expression,
                count.map(OptionalLong::of).orElse(OptionalLong.empty()),
                snapLength.map(OptionalInt::of).orElse(OptionalInt.empty()));
    }
}
