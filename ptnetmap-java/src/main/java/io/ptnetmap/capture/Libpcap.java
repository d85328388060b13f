// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.regex.Pattern;

/** The compiler of packet filters in libpcap, which is loaded when the first filter is compiled. Thread-safe. */
final class Libpcap {
    private static final List<String> NAMES = List.of("libpcap.so.0.8", "libpcap.so.1");
    private static final int OPTIMIZE = 1;
    private static final int NETMASK_UNKNOWN = -1;
    /** {@code struct bpf_program}: how many instructions, and where. */
    private static final long PROGRAM_SIZE = 16;

    private static final long PROGRAM_INSTRUCTIONS = 8;
    /** A field, and what it is compared with: what no expression of libpcap's has. */
    private static final Pattern DISPLAY_FILTER = Pattern.compile(
            "\\b[a-z_]\\w*(\\.[a-z_]\\w*)+\\s*([=!<>]|~|(eq|ne|gt|lt|ge|le|contains|matches|in)\\b)",
            Pattern.CASE_INSENSITIVE);

    private static final String LIKE_WIRESHARK =
            "; it looks like a display filter of Wireshark's, whose 'tcp.port == 80' is written 'tcp port 80' here";
    private static Libpcap loaded;

    private final MethodHandle openDead;
    private final MethodHandle compile;
    private final MethodHandle error;
    private final MethodHandle freeCode;
    private final MethodHandle close;

    private Libpcap(SymbolLookup library) {
        openDead = handle(library, "pcap_open_dead", FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT));
        compile = handle(
                library,
                "pcap_compile",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
        error = handle(library, "pcap_geterr", FunctionDescriptor.of(ADDRESS, ADDRESS));
        freeCode = handle(library, "pcap_freecode", FunctionDescriptor.ofVoid(ADDRESS));
        close = handle(library, "pcap_close", FunctionDescriptor.ofVoid(ADDRESS));
    }

    private static MethodHandle handle(SymbolLookup library, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }

    /**
     * Compiles a pcap-filter expression for Ethernet.
     *
     * @return the instructions, each as {@code struct bpf_insn} in a little-endian word
     * @throws PacketFilterException if the expression is none
     * @throws CaptureException if there is no libpcap here
     */
    static synchronized long[] compile(String expression) {
        // Which libpcap would take for the end.
        if (expression.indexOf('\0') >= 0) {
            throw new PacketFilterException("what has a character U+0000 is no packet filter");
        }
        if (loaded == null) {
            loaded = new Libpcap(library());
        }
        return loaded.instructions(expression);
    }

    /** The library that this machine has. */
    static SymbolLookup library() {
        for (String name : NAMES) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException missing) {
                // Under another name, perhaps.
            }
        }
        throw new CaptureException("packet filters need libpcap, which is not here:"
                + " install the package libpcap0.8 (apt-get install libpcap0.8)");
    }

    private long[] instructions(String expression) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(PROGRAM_SIZE, Long.BYTES);
            MemorySegment text = arena.allocateFrom(expression);
            MemorySegment handle =
                    (MemorySegment) openDead.invokeExact(CaptureReader.ETHERNET, CaptureReader.MAX_PACKET_LENGTH);
            try {
                int failed = (int) compile.invokeExact(handle, program, text, OPTIMIZE, NETMASK_UNKNOWN);
                if (failed != 0) {
                    throw new PacketFilterException("'" + expression + "' is no packet filter: " + reason(handle)
                            + (DISPLAY_FILTER.matcher(expression).find() ? LIKE_WIRESHARK : "")
                            + "; see pcap-filter(7)");
                }
                long[] code = code(program);
                freeCode.invokeExact(program);
                return code;
            } finally {
                close.invokeExact(handle);
            }
        } catch (RuntimeException | Error expected) {
            throw expected;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private String reason(MemorySegment handle) throws Throwable {
        return ((MemorySegment) error.invokeExact(handle))
                .reinterpret(Integer.MAX_VALUE)
                .getString(0);
    }

    private static long[] code(MemorySegment program) {
        int count = program.get(JAVA_INT, 0);
        return program.get(ADDRESS, PROGRAM_INSTRUCTIONS)
                .reinterpret((long) count * JAVA_LONG.byteSize())
                .toArray(ValueLayout.JAVA_LONG);
    }
}
