// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.capture.TapChunk;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What looks at the packets of an engine's workers. Thread-safe. */
final class Probes {
    private final Supplier<Collection<Worker>> workers;
    private final Map<Long, Open> open = new LinkedHashMap<>();
    /** What is open, for who must not wait: workers may stand still while others ask them. */
    private volatile List<Open> all = List.of();

    /**
     * A tap or a trace.
     *
     * @param probes what watches a worker, by its number among them
     * @param take what has been seen since the last time; is told whether nothing more will be
     */
    private record Open(IntFunction<List<Probe>> probes, Function<Boolean, ProbeReply> take) {
        static Open of(HopTap tap) {
            List<Probe> ways = List.of(tap.forward(), tap.backward());
            return new Open(worker -> ways, last -> new ProbeReply(tap.take(), List.of()));
        }

        static Open of(Tracer tracer) {
            return new Open(
                    worker -> List.of(tracer.probe(worker)), last -> new ProbeReply(TapChunk.NONE, tracer.take(last)));
        }
    }

    /** @param workers those that there are */
    Probes(Supplier<Collection<Worker>> workers) {
        this.workers = workers;
    }

    /** @param process where this is, as in the accounts */
    synchronized ProbeReply ask(ProbeRequest request, String process) {
        Open probe = open.get(request.id());
        if (probe == null) {
            if (request.last()) {
                return ProbeReply.NOTHING;
            }
            probe = request.tap()
                    .map(spec -> Open.of(new HopTap(spec)))
                    .orElseGet(() -> Open.of(new Tracer(request.trace().orElseThrow(), process)));
            open.put(request.id(), probe);
            install();
        } else if (request.last()) {
            open.remove(request.id());
            install();
        }
        return probe.take().apply(request.last());
    }

    /** Ends all. */
    synchronized void close() {
        if (!open.isEmpty()) {
            open.clear();
            install();
        }
    }

    private void install() {
        all = List.copyOf(open.values());
        for (Worker worker : workers.get()) {
            worker.probes(of(worker.number())).join();
        }
    }

    /** What is to watch a worker that has not been there before. */
    List<Probe> of(int worker) {
        return all.stream()
                .flatMap(probe -> probe.probes().apply(worker).stream())
                .toList();
    }
}
