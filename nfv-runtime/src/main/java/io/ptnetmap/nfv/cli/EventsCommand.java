// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.EventFilter;
import io.ptnetmap.nfv.node.model.Event;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what has happened on a node: chains, operations, functions that failed, processes that died.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  nfv events", "  nfv events edge --follow", "  nfv events -f -o json | jq .type"})
final class EventsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN", arity = "0..1", description = "Only of this chain.")
    private Optional<String> chain;

    @Option(
            names = {"-f", "--follow"},
            description = "Then go on with what happens, until interrupted.")
    private boolean follow;

    @Option(names = "--since", paramLabel = "ID", description = "Only after the event of this number.")
    private Optional<Long> since;

    @Mixin
    private StreamOutput output;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        if (since.filter(id -> id < 0).isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--since takes the number of an event, not " + since.get());
        }
        // Whoever names no event wants all that are known, and need not be told that there were others before.
        EventFilter filter = new EventFilter(chain, Set.of(), OptionalLong.of(since.orElse(0L)), follow);
        AtomicBoolean first = new AtomicBoolean(since.isEmpty());
        output.tell(
                node,
                chain,
                client -> client.events(filter),
                event -> !first.getAndSet(false) || event.type() != Event.Type.GAP,
                event -> List.of(EventText.line(event)));
        return ExitCodes.OK;
    }
}
