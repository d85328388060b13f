// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.ptnetmap.nfv.node.History;
import io.ptnetmap.nfv.node.Node;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The metrics of a node, for Prometheus and OpenTelemetry: one registry, which is brought up to date whenever it is asked.
 * Thread-safe.
 */
public final class NodeMetrics implements AutoCloseable {
    /** Series of all chains together; what is more is {@linkplain Metric#SERIES_OMITTED left out}. */
    public static final int MOST_SERIES = 100_000;

    private static final String OPEN_METRICS = "application/openmetrics-text";
    /** Events after which they are taken over without anybody's asking, so that none is missed. */
    private static final int MOST_EVENTS_WAITING = 2000;

    private final CompositeMeterRegistry registry = new CompositeMeterRegistry();
    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final AtomicInteger eventsWaiting = new AtomicInteger();
    private final Meters meters = new Meters(registry);
    private final Summaries summaries = new Summaries();
    private final NodeReader reader;
    private final History.Subscription subscription;
    private final Optional<OtlpMeterRegistry> otlp;
    private final Optional<Meters> otlpQuantiles;

    private NodeMetrics(Node node, Optional<OtlpExport> export) {
        reader = new NodeReader(node);
        registry.add(prometheus);
        prometheus.getPrometheusRegistry().register(summaries);
        // Their names have units and endings that Prometheus's rules do not know.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        FunctionCounter.builder("process.cpu", this, NodeMetrics::processorSeconds)
                .description("Time of processors that this process has used")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("nfv.node.info", () -> 1)
                .description("What this node is")
                .tag("name", node.details().name())
                .tag("version", node.details().version())
                .tag("driver", node.details().driver())
                .register(registry);
        subscription = node.events().history().subscribe(this::eventCame);
        otlp = export.map(settings -> new RefreshedOtlpRegistry(settings, this::refresh, Clock.SYSTEM));
        otlp.ifPresent(registry::add);
        otlpQuantiles = otlp.map(Meters::new);
    }

    /** Metrics of a node that are only given to those who ask. */
    public static NodeMetrics of(Node node) {
        return new NodeMetrics(node, Optional.empty());
    }

    /** Metrics of a node that are also sent again and again. */
    public static NodeMetrics of(Node node, OtlpExport export) {
        return new NodeMetrics(node, Optional.of(export));
    }

    private double processorSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(time -> time.toNanos() / 1e9)
                .orElse(0.0);
    }

    /** The history's listeners must not block nor touch it, so a thread of its own does the work, once in many events. */
    private void eventCame() {
        if (eventsWaiting.incrementAndGet() == MOST_EVENTS_WAITING) {
            Thread.ofVirtual().name("metrics-events").start(this::keepUp);
        }
    }

    private synchronized void keepUp() {
        eventsWaiting.set(0);
        reader.keepUp();
    }

    private synchronized void refresh() {
        eventsWaiting.set(0);
        Readings readings = new Readings(MOST_SERIES);
        reader.read(readings);
        readings.values().put(new Readings.Series(Metric.SERIES_OMITTED, List.of()), (double) readings.omitted());
        meters.update(readings.values());
        summaries.update(readings.summaries());
        otlpQuantiles.ifPresent(quantiles -> quantiles.update(readings.quantiles()));
    }

    /** The media type of what {@link #text} answers to this {@code Accept}. */
    public static String mediaType(String accept) {
        return accept.contains(OPEN_METRICS)
                ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
    }

    /** All metrics now, as OpenMetrics where {@code accept} names it, else in Prometheus's text format. */
    public String text(String accept) {
        refresh();
        return prometheus.scrape(mediaType(accept));
    }

    /** Sends what there is once more and ends. */
    @Override
    public void close() {
        subscription.close();
        registry.close();
        otlp.ifPresent(OtlpMeterRegistry::close);
        prometheus.close();
        collections.close();
    }
}
