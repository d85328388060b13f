// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.EventFilter;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Json;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what has happened on a node: chains, operations, functions that failed, processes that died.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  nfv events", "  nfv events --follow --chain edge", "  nfv events -f -o json | jq .type"})
final class EventsCommand implements Callable<Integer> {
    /** Forms of an event. */
    enum Form {
        TABLE,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what happens, until interrupted.")
    private boolean follow;

    @Option(
            names = {"-c", "--chain"},
            paramLabel = "CHAIN",
            description = "Only of this chain.")
    private Optional<String> chain;

    @Option(names = "--since", paramLabel = "ID", description = "Only after the event of this number.")
    private Optional<Long> since;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, or json: an object per line. Default: ${DEFAULT-VALUE}.")
    private Form form;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        EventFilter filter =
                new EventFilter(chain, Set.of(), since.map(OptionalLong::of).orElse(OptionalLong.empty()), follow);
        try (NodeSession session = node.connect()) {
            session.follow(client -> client.events(filter), (Event event) -> {
                out.println(form == Form.JSON ? Json.text(event) : EventText.line(event));
                // Also where the reader is gone.
                return !out.checkError();
            });
        }
        return ExitCodes.OK;
    }
}
