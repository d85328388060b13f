// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EnginePorts;
import io.ptnetmap.nfv.engine.Layout;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process in which packets go round in a chain of one function between the two ends of one pipe: what the function sends at
 * one end comes back to it at the other. One thread does it all.
 */
final class LoopWorker implements AutoCloseable {
    private static final int NUMBER = 48;
    private static final int LENGTH = 64;
    private static final int MAC = 6;
    private static final int ADDRESSES = 26;
    private static final int ADDRESS = 4;
    private static final int PORTS = 34;
    private static final int PORT = 2;
    private static final long SETTLE_NANOS = 20_000_000;

    private final Netmap netmap = Netmap.over(EmbeddedHost.create());
    private final FunctionRegistry functions = FunctionRegistry.open();
    private final Chain chain;
    private final boolean transport;
    private final int packets;

    private LoopWorker(Path file, String upTo, int packets) {
        this.chain = ChainDescriptor.read(file).resolve(functions, List.of());
        this.transport = upTo.equals(SwapLoop.TRANSPORT);
        this.packets = packets;
    }

    /**
     * Arguments: what is swapped, packets in the loop, role, processor. Command: {@code go MILLISECONDS 0 0}, answered by the
     * packets that the function has had in that time, the time in nanoseconds, and the packets that were not as expected at
     * the end.
     */
    public static void main(String[] arguments) throws IOException {
        // The engine's thread inherits it.
        Linux.pinThread(Integer.parseInt(arguments[3]));
        try (BenchDirectory directory = new BenchDirectory()) {
            Path file = directory.write("loop.yaml", """
                    chain: loop
                    functions:
                      - {name: in, port: 'netmap:loop}1'}
                      - {name: swap, type: swap, config: {up-to: %s}}
                      - {name: out, port: 'netmap:loop{1'}
                    """.formatted(arguments[0]));
            try (LoopWorker worker = new LoopWorker(file, arguments[0], Integer.parseInt(arguments[1]))) {
                Commands.answer((millis, second, third) -> worker.run(TimeUnit.MILLISECONDS.toNanos(millis)));
            }
        }
    }

    private String run(long nanos) {
        List<NetmapPort> ends = new ArrayList<>();
        try (Engine engine = Engine.builder(noting(ends)).build(chain, node -> true, functions)) {
            fill(ends.getLast().txRing(0));
            engine.start();
            LockSupport.parkNanos(SETTLE_NANOS);
            long before = passes(engine);
            long start = System.nanoTime();
            LockSupport.parkNanos(nanos);
            long counted = passes(engine) - before;
            long elapsed = System.nanoTime() - start;
            engine.stop();
            engine.check();
            return counted + " " + elapsed + " " + differences(ends.getFirst().rxRing(0), passes(engine));
        }
    }

    /** The driver's ports, of which those at the chain's ends are noted in the order in which they are opened. */
    private EnginePorts noting(List<NetmapPort> ends) {
        EnginePorts ports = EnginePorts.of(netmap);
        return new EnginePorts() {
            @Override
            public NetmapPort pipeEnd(Chain ofChain, Layout.PipeEnd end) {
                return ports.pipeEnd(ofChain, end);
            }

            @Override
            public NetmapPort outside(String specification) {
                ends.add(ports.outside(specification));
                return ends.getLast();
            }

            @Override
            public NetmapPort scratch(int slots) {
                return ports.scratch(slots);
            }
        };
    }

    private static long passes(Engine engine) {
        return engine.hops("").get(1).received();
    }

    /** UDP over IPv4 of 64 bytes, with its number among the payload. */
    private static byte[] packet(int number) {
        ByteBuffer packet = ByteBuffer.allocate(LENGTH);
        packet.putShort((short) 0x0200).putInt(0x0202).putShort((short) 0x0200).putInt(0x0101);
        packet.putShort((short) 0x0800);
        packet.putInt(0x4500_0032)
                .putInt(0)
                .putInt(0x4011_66b9)
                .putInt(0x0a00_0001)
                .putInt(0x0a00_0002);
        // Over IPv4, UDP may go without a checksum.
        packet.putShort((short) 9).putShort((short) 10).putInt(0x001e_0000);
        packet.putLong(NUMBER, number);
        return packet.array();
    }

    private void fill(TxRing tx) {
        for (int i = 0; i < packets; i++) {
            Memory.copy(packet(i), 0, tx.bufferAddress(tx.fromHead(i)), LENGTH);
            tx.length(tx.fromHead(i), LENGTH);
        }
        tx.advance(packets);
        tx.sync();
    }

    /** Of the packets that are in the loop when it stands still, how many have not been swapped as often as they passed. */
    private int differences(RxRing rx, long passes) {
        rx.sync();
        int wrong = Math.abs(rx.available() - packets);
        for (int i = 0; i < rx.available(); i++) {
            int number = (int) ((passes + i) % packets);
            long own = (passes - number + packets - 1) / packets;
            byte[] packet = new byte[LENGTH];
            Memory.copy(rx.bufferAddress(rx.fromHead(i)), packet, 0, LENGTH);
            wrong += Arrays.equals(packet, own % 2 == 0 ? packet(number) : swapped(packet(number))) ? 0 : 1;
        }
        return wrong;
    }

    private byte[] swapped(byte[] packet) {
        swap(packet, 0, MAC);
        if (transport) {
            swap(packet, ADDRESSES, ADDRESS);
            swap(packet, PORTS, PORT);
        }
        return packet;
    }

    /** Exchanges two neighbouring fields of the same size. */
    private static void swap(byte[] packet, int at, int size) {
        byte[] first = Arrays.copyOfRange(packet, at, at + size);
        System.arraycopy(packet, at + size, packet, at, size);
        System.arraycopy(first, 0, packet, at + size, size);
    }

    @Override
    public void close() {
        functions.close();
        netmap.close();
    }
}
