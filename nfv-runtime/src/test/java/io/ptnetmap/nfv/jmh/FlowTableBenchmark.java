// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.jmh;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowTable;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Finding flows in random order, one by one and many at once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FlowTableBenchmark {
    private static final int BATCH = 32;

    @Param({"1000", "1000000"})
    private int flows;

    private final Random random = new Random(1);
    private final FlowKey[] keys = Stream.generate(FlowKey::new).limit(BATCH).toArray(FlowKey[]::new);
    private final int[] found = new int[BATCH];
    private FlowTable table;

    @Setup
    public void fill() {
        table = new FlowTable(flows, List.of(Duration.ofDays(1)));
        for (int flow = 0; flow < flows; flow++) {
            table.insert(key(keys[0], flow), 0, 0);
        }
    }

    private static FlowKey key(FlowKey into, int flow) {
        return into.ipv4(17, flow, 1024, ~flow, 443);
    }

    private void choose() {
        for (FlowKey key : keys) {
            key(key, random.nextInt(flows));
        }
    }

    /** Per flow; choosing the flows included. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int oneByOne() {
        choose();
        int sum = 0;
        for (FlowKey key : keys) {
            sum += table.lookup(key);
        }
        return sum;
    }

    /** Per flow; choosing the flows included. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int manyAtOnce() {
        choose();
        table.lookupAll(keys, BATCH, found);
        int sum = 0;
        for (int entry : found) {
            sum += entry;
        }
        return sum;
    }
}
