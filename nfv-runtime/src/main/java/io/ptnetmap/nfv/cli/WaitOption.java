// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.ChangeOptions;
import io.ptnetmap.nfv.node.model.Operation;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Whether a command that changes something waits for the end of that. */
final class WaitOption {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(30);

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Wait until it is done, or not. Default: --wait.")
    private boolean wait;

    ChangeOptions options() {
        return wait ? ChangeOptions.DEFAULT.waiting(FIRST_WAIT) : ChangeOptions.DEFAULT;
    }

    /** The operation at its end, if that is waited for. */
    Operation end(NodeSession session, Operation begun) throws InterruptedException {
        return wait ? session.get(client -> client.awaitOperation(begun)) : begun;
    }
}
