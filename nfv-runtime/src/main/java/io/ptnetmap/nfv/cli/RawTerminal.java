// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Terminal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The terminal as a screen: keys come one by one and are not shown, and what is drawn goes when this is closed, however the
 * program ends. By termios(3), in the kernel's own layout:
 *
 * <pre>
 *   0  c_iflag   4  c_oflag   8  c_cflag   12  c_lflag   16  c_line   17  c_cc[19]
 * </pre>
 */
final class RawTerminal implements AutoCloseable {
    private static final long TCSETS = 0x5402;
    private static final long TIOCGWINSZ = 0x5413;
    private static final int LOCAL_FLAGS = 12;
    private static final int CONTROL_CHARACTERS = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;
    private static final int ICANON = 2;
    private static final int ECHO = 8;
    private static final byte TENTHS_TO_WAIT = 1;

    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final char ESCAPE = 27;

    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment before = arena.allocate(Terminal.ATTRIBUTES_BYTES, Integer.BYTES);
    private final MemorySegment windowSize = arena.allocate(8, Integer.BYTES);
    private boolean left;
    private final Thread onExit = new Thread(this::restore, "terminal");

    /** Keys that mean something here. */
    enum Key {
        UP,
        DOWN,
        LEFT,
        RIGHT,
        PAGE_UP,
        PAGE_DOWN,
        HOME,
        END,
        QUIT,
        REVERSE,
        PAUSE
    }

    /** Size of the screen, in characters. */
    record Size(int columns, int rows) {}

    private RawTerminal() {}

    /** The terminal that the program's input and output are, if they are one. */
    static Optional<RawTerminal> open() {
        RawTerminal terminal = new RawTerminal();
        if (!Terminal.redraws(Terminal.OUTPUT) || !Terminal.attributes(Terminal.INPUT, terminal.before.address())) {
            terminal.arena.close();
            return Optional.empty();
        }
        terminal.enter();
        return Optional.of(terminal);
    }

    private void enter() {
        Runtime.getRuntime().addShutdownHook(onExit);
        MemorySegment raw =
                arena.allocate(Terminal.ATTRIBUTES_BYTES, Integer.BYTES).copyFrom(before);
        int flags = raw.get(ValueLayout.JAVA_INT, LOCAL_FLAGS);
        raw.set(ValueLayout.JAVA_INT, LOCAL_FLAGS, flags & ~(ICANON | ECHO));
        raw.set(ValueLayout.JAVA_BYTE, CONTROL_CHARACTERS + VMIN, (byte) 0);
        raw.set(ValueLayout.JAVA_BYTE, CONTROL_CHARACTERS + VTIME, TENTHS_TO_WAIT);
        Linux.ioctl(Terminal.INPUT, TCSETS, raw.address());
        out.print(ENTER);
        out.flush();
    }

    private synchronized void restore() {
        left = true;
        out.print(LEAVE);
        out.flush();
        Linux.ioctl(Terminal.INPUT, TCSETS, before.address());
    }

    Size size() {
        if (Linux.ioctl(Terminal.OUTPUT, TIOCGWINSZ, windowSize.address()) < 0) {
            return new Size(80, 24);
        }
        int rows = windowSize.get(ValueLayout.JAVA_SHORT, 0);
        int columns = windowSize.get(ValueLayout.JAVA_SHORT, 2);
        return columns > 0 && rows > 0 ? new Size(columns, rows) : new Size(80, 24);
    }

    /** The next key, if one comes within a tenth of a second. */
    Optional<Key> key() throws IOException {
        int first = in.read();
        return switch (first) {
            case 'q', 'Q' -> Optional.of(Key.QUIT);
            case 'k' -> Optional.of(Key.UP);
            case 'j' -> Optional.of(Key.DOWN);
            case 'h' -> Optional.of(Key.LEFT);
            case 'l' -> Optional.of(Key.RIGHT);
            case 'r' -> Optional.of(Key.REVERSE);
            case ' ' -> Optional.of(Key.PAUSE);
            case ESCAPE -> escaped();
            default -> Optional.empty();
        };
    }

    /** {@code ESC [ A} or {@code ESC O A} and their like; an escape alone is nothing. */
    private Optional<Key> escaped() throws IOException {
        int introducer = in.read();
        if (introducer != '[' && introducer != 'O') {
            return Optional.empty();
        }
        int last = in.read();
        if (last == '5' || last == '6') {
            in.read();
        }
        return switch (last) {
            case 'A' -> Optional.of(Key.UP);
            case 'B' -> Optional.of(Key.DOWN);
            case 'C' -> Optional.of(Key.RIGHT);
            case 'D' -> Optional.of(Key.LEFT);
            case 'H' -> Optional.of(Key.HOME);
            case 'F' -> Optional.of(Key.END);
            case '5' -> Optional.of(Key.PAGE_UP);
            case '6' -> Optional.of(Key.PAGE_DOWN);
            default -> Optional.empty();
        };
    }

    /** Draws over what was there, without flicker; nothing any more while the program is being ended. */
    synchronized void draw(List<String> lines) {
        if (left) {
            return;
        }
        StringBuilder text = new StringBuilder(HOME);
        for (int i = 0; i < lines.size(); i++) {
            text.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(CLEAR_LINE);
        }
        out.print(text.append(CLEAR_BELOW));
        out.flush();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException ending) {
            // The hook is at work.
            return;
        }
        restore();
        arena.close();
    }
}
