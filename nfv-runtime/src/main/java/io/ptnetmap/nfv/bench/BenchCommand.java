// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import picocli.CommandLine.Command;

/** {@code nfv bench}: groups the measurements. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures how fast this machine moves packets.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PipeCommand.class, LatencyCommand.class, IdleCommand.class, PeersCommand.class})
public final class BenchCommand {}
