// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Functions that fail as long as the test has them. */
public final class FlakyFunctions {
    /** Whether they fail at all, in this process. */
    static final AtomicBoolean BROKEN = new AtomicBoolean();
    /** Calls, and of these, those that were to stop. */
    static final AtomicInteger CALLS = new AtomicInteger();

    static final AtomicInteger STOPS = new AtomicInteger();

    private FlakyFunctions() {}

    /**
     * @param how it fails: {@code process}, {@code tick}, {@code stack}, {@code memory}, {@code late} (after some verdicts), {@code
     *     restart} (in start, when made again)
     * @param every so many batches with packets
     */
    @Introspected
    public record FlakyConfig(
            String how, @JsonProperty(defaultValue = "1") int every) {}

    /** Fails. */
    @FunctionType(name = "flaky", summary = "Fails now and then")
    public static final class Flaky implements NetworkFunction {
        private final FlakyConfig config;
        private DropCause wanted;
        private int batches;

        public Flaky(@Parameter FlakyConfig config) {
            this.config = config;
        }

        @Override
        public void start(FunctionContext context) {
            wanted = context.dropCause("wanted");
            if (config.how().equals("restart") && CALLS.get() != 0 && BROKEN.get()) {
                throw new IllegalStateException("cannot start again");
            }
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            if (batch.size() == 0) {
                return;
            }
            CALLS.incrementAndGet();
            if (!BROKEN.get() || ++batches % config.every() != 0) {
                return;
            }
            switch (config.how()) {
                case "stack" -> deeper(batch, out, 0);
                case "memory" -> throw new OutOfMemoryError("no room for this one");
                case "late" -> {
                    out.drop(0, wanted);
                    out.create(60, batch.side().opposite());
                    throw new IllegalStateException("too late");
                }
                case "tick" -> {}
                default -> throw new IllegalStateException("broken " + config.how());
            }
        }

        /** Without end; creates packets on the way, so that the stack may end within the engine. */
        private static int deeper(PacketBatch batch, Output out, int depth) {
            if (depth % 64 == 0) {
                out.create(60, batch.side().opposite());
            }
            return deeper(batch, out, depth + 1) + 1;
        }

        @Override
        public void tick(long nowNanos) {
            if (config.how().equals("tick") && BROKEN.get()) {
                throw new IllegalStateException("broken tick");
            }
        }

        @Override
        public void stop() {
            STOPS.incrementAndGet();
        }
    }

    /** Makes ten packets, and fails over the next. */
    @FunctionType(name = "flaky-source", summary = "Fails after ten packets", kind = FunctionType.Kind.SOURCE)
    public static final class FlakySource implements PacketSource {
        private int made;

        @Override
        public void process(PacketBatch batch, Output out) {
            if (made < 10) {
                made++;
                out.create(60, PacketBatch.Side.OUT);
            } else {
                throw new IllegalStateException("empty");
            }
        }

        @Override
        public boolean exhausted() {
            return false;
        }
    }

    /** A read-only function that always fails. */
    @FunctionType(name = "flaky-observer", summary = "Fails over packets it looks at", readOnly = true)
    public static final class FlakyObserver implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            if (batch.size() != 0) {
                throw new IllegalStateException("blind");
            }
        }
    }
}
