// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.util.Optional;

/**
 * Our pipe between two Java processes.
 *
 * @param setting what the processes are
 * @param task of each round
 */
record NetmapPipe(PipePairs.Setting setting, ProcessPair.Task task) implements Candidate {
    private static final int SLOTS = 1024;

    static NetmapPipe streaming(StreamTask task) {
        return new NetmapPipe(StreamTask.setting(SLOTS), task);
    }

    static NetmapPipe echoing(EchoTask task) {
        return new NetmapPipe(EchoTask.setting(SLOTS), task);
    }

    @Override
    public String name() {
        return "netmap pipe";
    }

    @Override
    public String find() {
        return "two Java processes, rings of " + SLOTS + " slots";
    }

    @Override
    public Contender start(Cleanup cleanup) throws IOException {
        PipePairs pairs = new PipePairs(setting, Optional.empty());
        cleanup.add(pairs::close);
        return new Contender(name(), pairs.contenders(task).getFirst().round());
    }
}
