// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.jmh;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Packets through a pipe whose ends are both on one thread: what the code costs, without the way between two cores. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingBenchmark {
    private static final int BATCH = 256;

    private EmbeddedHost host;
    private Netmap netmap;
    private NetmapPort left;
    private NetmapPort right;
    private TxRing tx;
    private RxRing rx;

    @Setup
    public void open() {
        host = EmbeddedHost.create();
        netmap = Netmap.over(host);
        left = netmap.openPort("netmap:jmh{1");
        right = netmap.openPort("netmap:jmh}1");
        tx = left.txRing(0);
        rx = right.rxRing(0);
    }

    @TearDown
    public void close() {
        left.close();
        right.close();
        netmap.close();
        host.close();
    }

    private void send() {
        tx.sync();
        for (int i = 0; i < BATCH; i++) {
            tx.length(tx.fromHead(i), 60);
        }
        tx.advance(BATCH);
        tx.sync();
    }

    /** A slot written, handed over, read and given back. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long pipe() {
        send();
        rx.sync();
        long bytes = 0;
        int count = rx.available();
        for (int i = 0; i < count; i++) {
            bytes += rx.length(rx.fromHead(i));
        }
        rx.advance(count);
        rx.sync();
        return bytes;
    }

    /** The same with the buffer moved on into another ring instead of read. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int move() {
        send();
        rx.sync();
        TxRing next = right.txRing(0);
        int count = Math.min(rx.available(), next.slots());
        for (int i = 0; i < count; i++) {
            rx.move(rx.fromHead(i), next, i);
        }
        rx.advance(count);
        rx.sync();
        return count;
    }
}
