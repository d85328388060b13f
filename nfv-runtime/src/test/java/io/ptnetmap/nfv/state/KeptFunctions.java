// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.Stateful;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A function that tells what has become of its state. */
public final class KeptFunctions {
    /** Has instances in this process throw over their packets. */
    static final AtomicBoolean BROKEN = new AtomicBoolean();

    private KeptFunctions() {}

    /**
     * @param length of its state, in numbers
     * @param form of its state
     * @param fault the call that throws: {@code none}, {@code take-over}; or a file while which is there packets make it throw
     */
    @Introspected
    public record LedgerConfig(
            @JsonProperty(defaultValue = "1") int length,
            @JsonProperty(defaultValue = "1") int form,
            @JsonProperty(defaultValue = "none") String fault) {}

    /** The number of packets so far, many times. */
    record Count(long[] numbers) {}

    /** Counts packets. */
    @FunctionType(name = "ledger", summary = "Counts packets, and knows how many there were before")
    public static final class Ledger implements NetworkFunction, Stateful<Count> {
        private final LedgerConfig config;
        private long packets;
        private long before;

        public Ledger(@Parameter LedgerConfig config) {
            this.config = config;
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            if (batch.size() > 0 && (BROKEN.get() || isBrokenByFile())) {
                throw new IllegalStateException("broken");
            }
            packets += batch.size();
        }

        private boolean isBrokenByFile() {
            return config.fault().startsWith("/") && Files.exists(Path.of(config.fault()));
        }

        @Override
        public Count handOver() {
            long[] numbers = new long[config.length()];
            Arrays.fill(numbers, packets);
            return new Count(numbers);
        }

        @Override
        public Takeover takeOver(Count count) {
            packets = count.numbers()[0];
            before = packets;
            if (config.fault().equals("take-over")) {
                throw new IllegalStateException("it cannot take over");
            }
            return new Takeover(Map.of("packets", packets), Map.of());
        }

        @Override
        public int stateVersion() {
            return config.form();
        }

        @Override
        public void write(Count count, DataOutput out) throws IOException {
            out.writeInt(count.numbers().length);
            for (long number : count.numbers()) {
                out.writeLong(number);
            }
        }

        @Override
        public Count read(DataInput in, int version, long writtenNanos) throws IOException {
            if (version != config.form()) {
                throw new IOException("a ledger's state in form " + version + " instead of " + config.form());
            }
            long[] numbers = new long[in.readInt()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = in.readLong();
                if (numbers[i] != numbers[0]) {
                    throw new IOException("a part of it is another one's");
                }
            }
            return new Count(numbers);
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("packets", packets, "before", before);
        }
    }
}
