// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeStream;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.Json;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How a command tells what comes from a node one by one, as long as somebody reads it. */
final class StreamOutput {
    /** The forms. */
    private enum Form {
        TABLE,
        JSON
    }

    /** Of the command that has this option. */
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, or json: an object per line. Default: ${DEFAULT-VALUE}.")
    private Form form;

    /**
     * Tells what comes, until it ends or the reader is gone.
     *
     * @param chain the only one that is asked about; it may be one that is gone, or is to come
     * @param lines of what came, for people
     */
    <T> void tell(
            NodeOptions node,
            Optional<String> chain,
            Function<NodeClient, Future<NodeStream<T>>> request,
            Function<T, List<String>> lines)
            throws InterruptedException {
        tell(node, chain, request, _ -> true, lines);
    }

    /**
     * Tells what comes of a kind, until it ends or the reader is gone.
     *
     * @param chain the only one that is asked about; it may be one that is gone, or is to come
     * @param wanted what is told
     * @param lines of what came, for people
     */
    <T> void tell(
            NodeOptions node,
            Optional<String> chain,
            Function<NodeClient, Future<NodeStream<T>>> request,
            Predicate<T> wanted,
            Function<T, List<String>> lines)
            throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        StandardOutput output = ((Main) spec.root().userObject()).output();
        try (NodeSession session = node.connect()) {
            if (chain.isPresent()) {
                warnOfUnknown(session, chain.get());
            }
            session.follow(
                    request,
                    value -> {
                        if (!wanted.test(value)) {
                            return true;
                        }
                        if (form == Form.JSON) {
                            out.println(Json.text(value));
                        } else {
                            lines.apply(value).forEach(out::println);
                        }
                        return !out.checkError();
                    },
                    output::isAbandoned);
        }
    }

    private void warnOfUnknown(NodeSession session, String chain) throws InterruptedException {
        List<String> known =
                session.get(NodeClient::chains).stream().map(ChainSummary::name).toList();
        if (!known.contains(chain)) {
            spec.commandLine()
                    .getErr()
                    .println("nfv: there is no chain '" + chain + "' at present" + Suggestion.among(chain, known));
        }
    }
}
