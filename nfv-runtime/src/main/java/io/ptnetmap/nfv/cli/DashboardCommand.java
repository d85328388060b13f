// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClientOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "dashboard",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the address of a node's dashboard, with your token in its fragment, which browsers keep to themselves.",
            ""
        })
final class DashboardCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--open", description = "Open it in the browser, by xdg-open.")
    private boolean open;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException, IOException {
        NodeClientOptions options = node.optionsOfBrowser();
        try (NodeSession session = new NodeSession(options)) {
            // Rather a sentence here than a blank page.
            session.get(client -> client.node());
        }
        URI address = options.node();
        String fragment = options.token()
                .map(token -> "#token=" + URLEncoder.encode(token, StandardCharsets.UTF_8))
                .orElse("");
        String dashboard = address.toString().replaceFirst("/$", "") + "/" + fragment;
        PrintWriter out = spec.commandLine().getOut();
        out.println(dashboard);
        out.flush();
        if (open) {
            new ProcessBuilder("xdg-open", dashboard)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        }
        return ExitCodes.OK;
    }
}
