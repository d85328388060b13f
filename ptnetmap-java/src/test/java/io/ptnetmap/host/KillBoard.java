// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the processes of {@link KillTest} tell each other, in a mapped file: it survives them. */
final class KillBoard {
    static final int RUN = 0;
    static final int PAUSE = 1;
    static final int STOP = 2;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long COMMAND = 0;
    private static final long RECEIVED = 8;
    private static final long LOST = 16;
    private static final long LAST = 24;
    private static final long ROUNDS = 32;
    private static final long PAUSED = 64;
    private static final long SIZE = 96;

    private final MemorySegment words;

    private KillBoard(MemorySegment words) {
        this.words = words;
    }

    static KillBoard create(Path path) throws IOException {
        return map(path, StandardOpenOption.CREATE_NEW);
    }

    static KillBoard open(Path path) throws IOException {
        return map(path, StandardOpenOption.CREATE);
    }

    private static KillBoard map(Path path, StandardOpenOption creation) throws IOException {
        try (FileChannel file = FileChannel.open(path, creation, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new KillBoard(file.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, Arena.ofAuto()));
        }
    }

    private long read(long offset) {
        return (long) WORD.getAcquire(words, offset);
    }

    private void write(long offset, long value) {
        WORD.setRelease(words, offset, value);
    }

    int command() {
        return (int) read(COMMAND);
    }

    void command(int command) {
        write(COMMAND, command);
    }

    /** A packet has come back to the source: never one twice, never one that a later one has overtaken. */
    void receive(long number) {
        long last = read(LAST);
        if (number <= last) {
            throw new AssertionError("packet " + number + " after " + last);
        }
        write(LAST, number);
        write(RECEIVED, received() + 1);
    }

    long last() {
        return read(LAST);
    }

    long received() {
        return read(RECEIVED);
    }

    /** Packets that the source has missed while it lived. */
    long lost() {
        return read(LOST);
    }

    void lose(long count) {
        write(LOST, lost() + count);
    }

    void round(KillRole role) {
        write(ROUNDS + 8L * role.ordinal(), rounds(role) + 1);
    }

    long rounds(KillRole role) {
        return read(ROUNDS + 8L * role.ordinal());
    }

    void paused(KillRole role, boolean paused) {
        write(PAUSED + 8L * role.ordinal(), paused ? 1 : 0);
    }

    boolean paused(KillRole role) {
        return read(PAUSED + 8L * role.ordinal()) != 0;
    }

    @Override
    public String toString() {
        return "received " + received() + ", rounds " + rounds(KillRole.SOURCE) + " and "
                + (rounds(KillRole.FORWARDER) + rounds(KillRole.MACHINE));
    }
}
