// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.deploy.StateOrder.Progress;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.StateTaken;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Carries out orders of a supervisor to take the state of a function down, beside the conversation with him. For one thread. */
final class StatePass {
    private final Engine engine;
    private long number = -1;
    private volatile Progress progress = Progress.UNDER_WAY;

    StatePass(Engine engine) {
        this.engine = engine;
    }

    /**
     * Begins what is ordered, if it is another order than the last one. Returns how far it has got.
     *
     * @param file that the order is about
     */
    Progress answer(StateOrder order, Path file) {
        if (order.number() != number) {
            number = order.number();
            progress = Progress.UNDER_WAY;
            Thread.ofPlatform().daemon().name("state-" + order.function()).start(() -> take(order, file));
        }
        return progress;
    }

    private void take(StateOrder order, Path file) {
        try {
            progress = new Progress(true, "", taken(order, file));
        } catch (IOException | RuntimeException failure) {
            progress = new Progress(true, String.valueOf(failure.getMessage()), Optional.empty());
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<StateTaken> taken(StateOrder order, Path file) throws IOException, InterruptedException {
        try (OutputStream out = Files.newOutputStream(file)) {
            return engine.takeState(order.function(), out, order.patience());
        }
    }
}
