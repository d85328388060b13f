// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in which the processes of a chain leave the times of packets that they put onto links to each other: for each {@linkplain
 * LinkIds link} two {@link StampQueue}s, that towards the chain's end first. All processes of a machine have the same monotonic
 * clock. Its pages are taken as they are written. Thread-safe.
 */
public final class StampBoard {
    private static final Logger LOG = LoggerFactory.getLogger(StampBoard.class);

    /** Links with higher numbers, of chains that have been changed very often, are not timed. */
    private static final int MOST_LINKS = 512;

    private static final long BYTES = 2L * MOST_LINKS * StampQueue.BYTES;

    private final MemorySegment memory;

    private StampBoard(MemorySegment memory) {
        this.memory = memory;
    }

    /**
     * Opens the file, and makes it where there is none; what is in it stays, for processes may be at work with it.
     *
     * @return nothing where that cannot be done: the chain works as well, but links between processes are not timed
     */
    public static Optional<StampBoard> open(Path file) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return Optional.of(new StampBoard(channel.map(MapMode.READ_WRITE, 0, BYTES, Arena.ofAuto())));
        } catch (IOException refused) {
            LOG.debug("links between processes are not timed: {}", refused.toString());
            return Optional.empty();
        }
    }

    /**
     * The stamps of a link, as its left end sees them.
     *
     * @param id of the link
     * @param slots of its rings
     */
    Optional<Stamps> of(int id, int slots) {
        return id < MOST_LINKS
                ? Optional.of(new Stamps(queue(2L * id, slots), queue(2L * id + 1, slots)))
                : Optional.empty();
    }

    private StampQueue queue(long number, int slots) {
        return new StampQueue(memory.asSlice(number * StampQueue.BYTES, StampQueue.BYTES), slots);
    }
}
