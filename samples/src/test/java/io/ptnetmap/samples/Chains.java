// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Runs chains in this process. */
final class Chains {
    /** The chain files of this module; tests are run in the module's directory. */
    static final Path DIRECTORY = Path.of("chains");

    private static final Duration MOST_TIME = Duration.ofMinutes(3);

    private Chains() {}

    /**
     * What a run came to.
     *
     * @param reports of the functions, by name
     */
    record End(ChainSnapshot accounts, Conservation conservation, Map<String, Map<String, Object>> reports) {
        Hop hop(String name) {
            return Chains.hop(accounts, name);
        }
    }

    /** Something done with a chain while it runs. */
    interface Work {
        void with(ChainRun run) throws Exception;
    }

    /** Runs a chain until it has ended by itself; every packet must be accounted for. */
    static End run(Path file) throws Exception {
        End end = run(file, run -> assertTrue(run.await(MOST_TIME), () -> "not done: " + run.snapshot()));
        assertTrue(end.conservation().holds(), () -> end.conservation().toString());
        assertEquals(0, end.conservation().held(), () -> end.accounts().toString());
        end.accounts().hops().forEach(hop -> assertEquals(0, hop.unaccounted(), hop::toString));
        return end;
    }

    /** Runs a chain as long as the work takes. */
    static End run(Path file, Work work) throws Exception {
        ChainDescriptor descriptor = ChainDescriptor.read(file);
        try (FunctionRegistry functions = FunctionRegistry.open(descriptor.functionPath())) {
            Chain chain = descriptor.resolve(functions, descriptor.functionPath());
            try (ChainRun run = new Launcher().launch(chain, new LaunchOptions(functions, Optional.empty()))) {
                work.with(run);
                return new End(run.snapshot(), run.conservation(), run.reports());
            }
        }
    }

    static Hop hop(ChainSnapshot accounts, String name) {
        return accounts.hops().stream()
                .filter(hop -> hop.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
