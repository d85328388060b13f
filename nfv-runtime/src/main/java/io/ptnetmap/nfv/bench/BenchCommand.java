// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import picocli.CommandLine.Command;

/** {@code nfv bench}: groups the measurements. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures how fast this machine moves packets.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer =
                "'nfv bench jmh [REGEX]' of the launcher script runs the benchmarks of parts: rings, headers, checksums, tables.",
        subcommands = {
            PipeCommand.class,
            ForwardCommand.class,
            ValeCommand.class,
            ChainCommand.class,
            FunctionCommand.class,
            LatencyCommand.class,
            IdleCommand.class,
            NicCommand.class,
            StartCommand.class,
            PausesCommand.class,
            ControlCommand.class,
            PeersCommand.class
        })
public final class BenchCommand {}
