// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.lang.foreign.Arena;

/** What people look at and type into: {@code termios(3)} and {@code TERM}. Thread-safe. */
public final class Terminal {
    /** Descriptor of the standard input. */
    public static final int INPUT = 0;
    /** Descriptor of the standard output. */
    public static final int OUTPUT = 1;
    /** Descriptor of the standard error output. */
    public static final int ERROR = 2;

    /** Size of {@code struct termios} as the kernel has it. */
    public static final int ATTRIBUTES_BYTES = 36;

    private static final long TCGETS = 0x5401;

    private Terminal() {}

    /** Whether a descriptor is a terminal's. */
    public static boolean is(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            return attributes(
                    descriptor, arena.allocate(ATTRIBUTES_BYTES, Integer.BYTES).address());
        }
    }

    /** Whether a descriptor is that of a terminal which can draw over what it shows. */
    public static boolean redraws(int descriptor) {
        return is(descriptor) && !"dumb".equals(System.getenv("TERM"));
    }

    /**
     * Reads a terminal's attributes.
     *
     * @param address where {@link #ATTRIBUTES_BYTES} are written to
     * @return false if the descriptor is no terminal's
     */
    public static boolean attributes(int descriptor, long address) {
        return Linux.ioctl(descriptor, TCGETS, address) >= 0;
    }
}
