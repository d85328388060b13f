// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** {@link PipeWorker#FORWARDER} as a chain of two ports, by the engine that {@code nfv run} uses. */
final class ChainWorker {
    private static final long LOOK_NANOS = 1_000_000;

    private final Engine engine;
    private long before;

    private ChainWorker(Engine engine) {
        this.engine = engine;
    }

    /** Arguments: socket, two ports with a comma between, slots, role, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) throws IOException {
        // The engine's thread inherits it.
        Linux.pinThread(Integer.parseInt(arguments[4]));
        try (FunctionRegistry functions = FunctionRegistry.open();
                Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[0])));
                Engine engine = Engine.builder(netmap)
                        .build(chain(arguments[1].split(","), arguments[2], functions), node -> true, functions)) {
            engine.start();
            ChainWorker worker = new ChainWorker(engine);
            Commands.answer((packets, batch, payload) -> worker.run(packets));
        } catch (NetmapException | LinuxException failure) {
            System.err.println(arguments[3] + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    private static Chain chain(String[] ports, String slots, FunctionRegistry functions) throws IOException {
        try (BenchDirectory directory = new BenchDirectory()) {
            Path file = directory.write("bench.yaml", """
                    chain: bench
                    functions:
                      - port: "netmap:%1$s@conf:slots=%3$s"
                      - port: "netmap:%2$s@conf:slots=%3$s"
                    """.formatted(ports[0], ports[1], slots));
            return ChainDescriptor.read(file).resolve(functions, List.of());
        }
    }

    /** Waits until so many packets more have passed; whoever has sent them takes the time. */
    private String run(long packets) {
        long start = System.nanoTime();
        long since = start;
        long passed = 0;
        while (passed < packets && System.nanoTime() - since < Patience.STALL_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = engine.conservation().sent() - before;
            since = now == passed ? since : System.nanoTime();
            passed = now;
        }
        before += passed;
        return new StreamAnswer(start, System.nanoTime(), passed, 0).line();
    }
}
