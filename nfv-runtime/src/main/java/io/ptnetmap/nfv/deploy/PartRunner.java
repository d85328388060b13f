// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a part of a chain runs in that is not this process: another process, or a virtual machine. {@link #toString} is its name
 * for messages. Used by one thread at a time.
 */
interface PartRunner {
    /** What it runs. */
    PartId part();

    /** Starts it, without waiting for it. */
    void launch();

    /** Ends what is left of it, and starts it anew. */
    void relaunch();

    /** Whether the chain's memory is still kept: where it is not, none that is started anew can come to the others. */
    boolean memoryIsKept();

    /** Begins a conversation with the part; fails as long as there is nobody to talk to. */
    Control connect() throws IOException;

    boolean isAlive();

    /** Whether it has been at work before this run of the chain, so that it has counted what nobody else here has. */
    default boolean takenOver() {
        return false;
    }

    /** How long it may take until packets can flow. */
    Duration startLimit();

    /** How long it may take to answer. */
    Duration answerLimit();

    /** How long it may take to answer while a change waits for it. */
    Duration promptLimit();

    /** How long to wait in a change for what takes this long in a process. */
    default Duration patience(Duration usual) {
        return usual;
    }

    /** Whether it sees none of the files of this process, but has its own. */
    default boolean hasFilesOfItsOwn() {
        return false;
    }

    /**
     * The files that it has to be given before it can take part in a change, where it has its own: by the names that it knows them
     * by.
     *
     * @param target what the chain is to be
     * @throws ChangeRefusedException if they cannot be given
     */
    default Map<String, Path> filesFor(Chain target) {
        return Map.of();
    }

    /** It has been given them. */
    default void given() {}

    /** What it knows the descriptor of a chain by that there is to be. */
    default String descriptorOf(Chain target) {
        return target.source().toAbsolutePath().toString();
    }

    /** What it has said last, to explain its end. */
    List<String> lastWords();

    /** Ends it by force. */
    void kill();

    /** Waits for its end, which has been asked for or brought about; removes what it leaves behind. */
    void awaitEnd();
}
