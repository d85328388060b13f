// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import io.ptnetmap.memory.Memory;
import java.util.Arrays;

/**
 * Decides which packets of Ethernet are wanted: a classic BPF program, as libpcap makes it of a pcap-filter(7) expression.
 *
 * <p>An instruction is {@code struct bpf_insn}, here as one word:
 *
 * <pre>
 *   0      16    24    32            64
 *   +------+-----+-----+-------------+
 *   | code | jt  | jf  |      k      |
 *   +------+-----+-----+-------------+
 * </pre>
 *
 * <p>Programs are verified before they run, wherever they come from: jumps lead forwards and stay inside, so each program ends
 * after as many steps as it has instructions; only the packet's bytes are read, and a load beyond them refuses the packet.
 * Running allocates nothing, but for programs that store intermediate results. Immutable.
 */
public final class PacketFilter {
    /** Wants every packet. */
    public static final PacketFilter ALL = of(Bpf.RET | 0xffff_ffffL << 32);

    private static final int MOST_INSTRUCTIONS = 1 << 16;
    private static final int SCRATCH_WORDS = 16;

    private final long[] code;
    private final boolean all;
    private final boolean usesScratch;

    /** Parts of instructions' codes (linux/bpf_common.h). */
    private static final class Bpf {
        static final int CLASS = 0x07;
        static final int LD = 0x00;
        static final int LDX = 0x01;
        static final int ST = 0x02;
        static final int STX = 0x03;
        static final int ALU = 0x04;
        static final int JMP = 0x05;
        static final int RET = 0x06;

        static final int SIZE = 0x18;
        static final int WORD = 0x00;
        static final int HALF = 0x08;
        static final int BYTE = 0x10;

        static final int MODE = 0xe0;
        static final int IMM = 0x00;
        static final int ABS = 0x20;
        static final int IND = 0x40;
        static final int MEM = 0x60;
        static final int LEN = 0x80;
        static final int MSH = 0xa0;

        static final int OPERATION = 0xf0;
        static final int ADD = 0x00;
        static final int SUB = 0x10;
        static final int MUL = 0x20;
        static final int DIV = 0x30;
        static final int OR = 0x40;
        static final int AND = 0x50;
        static final int LSH = 0x60;
        static final int RSH = 0x70;
        static final int NEG = 0x80;
        static final int MOD = 0x90;
        static final int XOR = 0xa0;

        static final int JA = 0x00;
        static final int JEQ = 0x10;
        static final int JGT = 0x20;
        static final int JGE = 0x30;
        static final int JSET = 0x40;

        /** The operand is the index register. */
        static final int X = 0x08;

        static final int RET_A = 0x10;
        static final int TXA = 0x80;

        private Bpf() {}
    }

    private PacketFilter(long[] code) {
        this.code = code;
        this.all = code.length == 1 && code(code[0]) == Bpf.RET && k(code[0]) != 0;
        boolean scratch = false;
        for (long instruction : code) {
            int kind = code(instruction) & Bpf.CLASS;
            scratch |= kind == Bpf.ST || kind == Bpf.STX;
        }
        this.usesScratch = scratch;
    }

    /**
     * Compiles an expression in the language of pcap-filter(7), as tcpdump and Wireshark's captures take it.
     *
     * @param expression such as {@code udp port 53}; an empty one wants every packet
     * @throws PacketFilterException if it is none
     * @throws CaptureException if libpcap, which compiles it, is not installed
     */
    public static PacketFilter compile(String expression) {
        return expression.isBlank() ? ALL : of(Libpcap.compile(expression));
    }

    /**
     * A program from elsewhere.
     *
     * @throws PacketFilterException if it must not run
     */
    public static PacketFilter of(long... instructions) {
        verify(instructions);
        return new PacketFilter(instructions.clone());
    }

    /** The program, for {@link #of}. */
    public long[] instructions() {
        return code.clone();
    }

    /** Whether every packet is wanted. */
    public boolean isAll() {
        return all;
    }

    /**
     * Whether a packet is wanted.
     *
     * @param address of its first byte, which is not checked
     * @param present bytes there
     * @param original bytes that the packet has
     */
    public boolean matches(long address, int present, int original) {
        return all || run(Memory.base(address), present, original, usesScratch ? new int[SCRATCH_WORDS] : null) != 0;
    }

    private int run(long packet, int present, int original, int[] scratch) {
        int a = 0;
        int x = 0;
        int at = 0;
        while (true) {
            long instruction = code[at++];
            int operation = code(instruction);
            int k = k(instruction);
            switch (operation & Bpf.CLASS) {
                case Bpf.LD -> {
                    long offset = k & 0xffff_ffffL;
                    int mode = operation & Bpf.MODE;
                    if (mode == Bpf.IND) {
                        offset += x & 0xffff_ffffL;
                    }
                    if (mode == Bpf.ABS || mode == Bpf.IND) {
                        int size = operation & Bpf.SIZE;
                        if (offset + bytes(size) > present) {
                            return 0;
                        }
                        a = load(packet + offset, size);
                    } else {
                        a = mode == Bpf.IMM ? k : mode == Bpf.LEN ? original : scratch == null ? 0 : scratch[k];
                    }
                }
                case Bpf.LDX -> {
                    int mode = operation & Bpf.MODE;
                    if (mode == Bpf.MSH) {
                        long offset = k & 0xffff_ffffL;
                        if (offset >= present) {
                            return 0;
                        }
                        x = (Memory.getByte(packet + offset) & 0xf) << 2;
                    } else {
                        x = mode == Bpf.IMM ? k : mode == Bpf.LEN ? original : scratch == null ? 0 : scratch[k];
                    }
                }
                case Bpf.ST -> scratch[k] = a;
                case Bpf.STX -> scratch[k] = x;
                case Bpf.ALU -> {
                    int operand = (operation & Bpf.X) != 0 ? x : k;
                    int kind = operation & Bpf.OPERATION;
                    if (operand == 0 && (kind == Bpf.DIV || kind == Bpf.MOD)) {
                        return 0;
                    }
                    a = calculate(kind, a, operand);
                }
                case Bpf.JMP -> {
                    int kind = operation & Bpf.OPERATION;
                    if (kind == Bpf.JA) {
                        at += k;
                    } else {
                        at += holds(kind, a, (operation & Bpf.X) != 0 ? x : k)
                                ? ifTrue(instruction)
                                : ifFalse(instruction);
                    }
                }
                case Bpf.RET -> {
                    return operation == (Bpf.RET | Bpf.RET_A) ? a : k;
                }
                default -> {
                    if ((operation & Bpf.TXA) != 0) {
                        a = x;
                    } else {
                        x = a;
                    }
                }
            }
        }
    }

    private static int load(long address, int size) {
        return switch (size) {
            case Bpf.WORD -> Memory.getIntBigEndian(address);
            case Bpf.HALF -> Memory.getShortBigEndian(address) & 0xffff;
            default -> Memory.getByte(address) & 0xff;
        };
    }

    private static int bytes(int size) {
        return size == Bpf.WORD ? Integer.BYTES : size == Bpf.HALF ? Short.BYTES : 1;
    }

    private static int calculate(int kind, int a, int operand) {
        return switch (kind) {
            case Bpf.ADD -> a + operand;
            case Bpf.SUB -> a - operand;
            case Bpf.MUL -> a * operand;
            case Bpf.DIV -> Integer.divideUnsigned(a, operand);
            case Bpf.MOD -> Integer.remainderUnsigned(a, operand);
            case Bpf.OR -> a | operand;
            case Bpf.AND -> a & operand;
            case Bpf.XOR -> a ^ operand;
            case Bpf.LSH -> Integer.compareUnsigned(operand, Integer.SIZE) < 0 ? a << operand : 0;
            case Bpf.RSH -> Integer.compareUnsigned(operand, Integer.SIZE) < 0 ? a >>> operand : 0;
            default -> -a;
        };
    }

    private static boolean holds(int kind, int a, int operand) {
        return switch (kind) {
            case Bpf.JEQ -> a == operand;
            case Bpf.JGT -> Integer.compareUnsigned(a, operand) > 0;
            case Bpf.JGE -> Integer.compareUnsigned(a, operand) >= 0;
            default -> (a & operand) != 0;
        };
    }

    private static void verify(long[] code) {
        if (code.length == 0 || code.length > MOST_INSTRUCTIONS) {
            throw new PacketFilterException(
                    "a program of " + code.length + " instructions: 1 to " + MOST_INSTRUCTIONS + " are possible");
        }
        for (int i = 0; i < code.length; i++) {
            if (!isSafe(code[i], code.length - i - 1)) {
                throw new PacketFilterException("instruction " + i + " of the program must not run: "
                        + String.format(
                                "{0x%x, %d, %d, %d}", code(code[i]), ifTrue(code[i]), ifFalse(code[i]), k(code[i])));
            }
        }
        if ((code(code[code.length - 1]) & Bpf.CLASS) != Bpf.RET) {
            throw new PacketFilterException("the program's last instruction does not return");
        }
    }

    /** @param after how many instructions follow */
    private static boolean isSafe(long instruction, int after) {
        int operation = code(instruction);
        long k = k(instruction) & 0xffff_ffffL;
        int kind = operation & Bpf.OPERATION;
        return switch (operation & Bpf.CLASS) {
            case Bpf.LD -> isLoad(operation, k);
            case Bpf.LDX -> isIndexLoad(operation, k);
            case Bpf.ST, Bpf.STX -> operation <= Bpf.STX && k < SCRATCH_WORDS;
            case Bpf.ALU -> isCalculation(operation, k);
            case Bpf.JMP ->
                operation <= 0xff
                        && kind <= Bpf.JSET
                        && (kind == Bpf.JA ? k < after : ifTrue(instruction) < after && ifFalse(instruction) < after);
            case Bpf.RET -> operation == Bpf.RET || operation == (Bpf.RET | Bpf.RET_A);
            default -> operation == Bpf.CLASS || operation == (Bpf.CLASS | Bpf.TXA);
        };
    }

    private static boolean isLoad(int operation, long k) {
        if (operation > 0xff || (operation & Bpf.SIZE) == Bpf.SIZE) {
            return false;
        }
        boolean word = (operation & Bpf.SIZE) == Bpf.WORD;
        return switch (operation & Bpf.MODE) {
            case Bpf.ABS, Bpf.IND -> true;
            case Bpf.IMM, Bpf.LEN -> word;
            case Bpf.MEM -> word && k < SCRATCH_WORDS;
            default -> false;
        };
    }

    private static boolean isIndexLoad(int operation, long k) {
        if (operation > 0xff) {
            return false;
        }
        int size = operation & Bpf.SIZE;
        return switch (operation & Bpf.MODE) {
            case Bpf.IMM, Bpf.LEN -> size == Bpf.WORD;
            case Bpf.MEM -> size == Bpf.WORD && k < SCRATCH_WORDS;
            case Bpf.MSH -> size == Bpf.BYTE;
            default -> false;
        };
    }

    private static boolean isCalculation(int operation, long k) {
        if (operation > 0xff) {
            return false;
        }
        boolean constant = (operation & Bpf.X) == 0;
        return switch (operation & Bpf.OPERATION) {
            case Bpf.DIV, Bpf.MOD -> !constant || k != 0;
            case Bpf.LSH, Bpf.RSH -> !constant || k < Integer.SIZE;
            case Bpf.ADD, Bpf.SUB, Bpf.MUL, Bpf.OR, Bpf.AND, Bpf.XOR, Bpf.NEG -> true;
            default -> false;
        };
    }

    private static int code(long instruction) {
        return (int) instruction & 0xffff;
    }

    private static int ifTrue(long instruction) {
        return (int) (instruction >>> 16) & 0xff;
    }

    private static int ifFalse(long instruction) {
        return (int) (instruction >>> 24) & 0xff;
    }

    private static int k(long instruction) {
        return (int) (instruction >>> 32);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PacketFilter filter && Arrays.equals(code, filter.code);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(code);
    }

    /** As {@code tcpdump -ddd} prints it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(code.length);
        for (long instruction : code) {
            text.append('\n').append(code(instruction)).append(' ').append(ifTrue(instruction));
            text.append(' ').append(ifFalse(instruction)).append(' ').append(k(instruction) & 0xffff_ffffL);
        }
        return text.toString();
    }
}
