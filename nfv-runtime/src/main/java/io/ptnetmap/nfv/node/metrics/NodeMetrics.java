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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The metrics of a node, for Prometheus and OpenTelemetry, read whenever somebody asks. Those of the process are meters of
 * Micrometer's; those of chains, which may be very many, are written as text without a meter for each. Thread-safe.
 */
public final class NodeMetrics implements AutoCloseable {
    /** Series of all chains together; what is more is {@linkplain Metric#SERIES_OMITTED left out}. */
    public static final int MOST_SERIES = 100_000;

    private static final String OPEN_METRICS = "application/openmetrics-text";
    /** Events after which they are taken over without anybody's asking, so that none is missed. */
    private static final int MOST_EVENTS_WAITING = 2000;
    /** Characters by which a text may be longer than the one before it without being copied. */
    private static final int MORE = 4096;

    private final CompositeMeterRegistry registry = new CompositeMeterRegistry();
    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final AtomicInteger eventsWaiting = new AtomicInteger();
    private final LongAdder handshakeFailures = new LongAdder();
    private final Readings readings = new Readings(MOST_SERIES);
    private final NodeReader reader;
    private final History.Subscription subscription;
    private final Optional<OtlpMeterRegistry> otlp;
    /** The chains' meters of OTLP; for Prometheus there are none. */
    private final Optional<Meters> exported;

    private int lastLength;

    private NodeMetrics(Node node, Optional<OtlpExport> export) {
        reader = new NodeReader(node);
        registry.add(prometheus);
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
        exported = otlp.map(Meters::new);
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

    private void read() {
        eventsWaiting.set(0);
        readings.begin();
        reader.read(readings);
        readings.node().setOwn(Metric.HANDSHAKE_FAILURES, handshakeFailures.sum());
        readings.node().setOwn(Metric.SERIES_OMITTED, readings.omitted());
        readings.end();
    }

    /** Brings up to date what OTLP sends. */
    private synchronized void refresh() {
        read();
        exported.ifPresent(meters -> meters.update(readings.values()));
    }

    /** Somebody connected and came to no agreement on TLS. */
    public void handshakeFailed() {
        handshakeFailures.increment();
    }

    /** The media type of what {@link #text} answers to this {@code Accept}. */
    public static String mediaType(String accept) {
        return accept.contains(OPEN_METRICS)
                ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
    }

    /** All metrics now, as OpenMetrics where {@code accept} names it, else in Prometheus's text format. */
    public synchronized String text(String accept) {
        read();
        StringBuilder text = new StringBuilder(lastLength);
        SeriesText.append(text, readings, accept.contains(OPEN_METRICS));
        // Comes last, for it has the end that OpenMetrics must have.
        text.append(prometheus.scrape(mediaType(accept)));
        lastLength = text.length() + MORE;
        return text.toString();
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
