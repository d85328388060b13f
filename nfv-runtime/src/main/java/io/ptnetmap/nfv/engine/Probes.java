// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.capture.TapChunk;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What looks at the packets of an engine's workers. Thread-safe. */
final class Probes {
    private final Supplier<Collection<Worker>> workers;
    private final Map<Long, Open> open = new LinkedHashMap<>();
    /** What is open, for who must not wait: workers may stand still while others ask them. */
    private volatile List<Open> all = List.of();

    /** A tap or a trace. */
    private interface Open {
        /** What watches a worker. */
        List<Probe> probes(int worker);

        /** What has been seen since the last time. */
        ProbeReply take(boolean last);

        /** What it is asked for has been said anew. */
        default void know(ProbeRequest request) {}

        /** The engine's functions have changed. */
        default void changed() {}
    }

    private record Capture(HopTap tap) implements Open {
        @Override
        public List<Probe> probes(int worker) {
            return List.of(tap.forward(), tap.backward());
        }

        @Override
        public ProbeReply take(boolean last) {
            return new ProbeReply(tap.take(), List.of());
        }
    }

    private record Trace(Tracer tracer) implements Open {
        @Override
        public List<Probe> probes(int worker) {
            return List.of(tracer.probe(worker));
        }

        @Override
        public ProbeReply take(boolean last) {
            return new ProbeReply(TapChunk.NONE, tracer.take(last));
        }

        @Override
        public void know(ProbeRequest request) {
            tracer.know(request.trace().orElseThrow(), request.afterwards());
        }

        @Override
        public void changed() {
            tracer.changed();
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
            probe = opened(request, process);
            open.put(request.id(), probe);
            install();
        } else {
            probe.know(request);
            if (request.last()) {
                open.remove(request.id());
                install();
            }
        }
        return probe.take(request.last());
    }

    private static Open opened(ProbeRequest request, String process) {
        return request.tap()
                .<Open>map(spec -> new Capture(new HopTap(spec)))
                .orElseGet(() -> new Trace(new Tracer(request.trace().orElseThrow(), request.afterwards(), process)));
    }

    /** The functions have changed just now, while their workers stand still: must not wait for anybody. */
    void changed() {
        all.forEach(Open::changed);
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
        return all.stream().flatMap(probe -> probe.probes(worker).stream()).toList();
    }
}
