// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The rings of a null port, of either driver, joined to a {@link Device} of this process. At the end of what a device can deliver,
 * poll says {@code POLLHUP}, besides {@code POLLIN} as long as received packets are left.
 */
public final class AdapterPort implements PortBinding {
    private static final int REGION = 1;

    private final PortBinding rings;
    private final Device device;
    private final Optional<AdapterRing> tx;
    private final Optional<AdapterRing> rx;
    /** Wakes who sleeps when the port is closed. */
    private final int closingEvent;

    private boolean closed;
    private boolean waiting;
    /** Between {@link #arm} and {@link #disarm}. */
    private Optional<LinuxException> failure = Optional.empty();

    /**
     * Opens a port.
     *
     * @param memId region, 0 = the driver's usual one
     * @param extraBuffers wished for
     * @throws io.ptnetmap.linux.LinuxException if the driver has no room, or the device cannot be opened
     */
    public static PortBinding open(NetmapDriver driver, AdapterSpec spec, int memId, int extraBuffers) {
        PortBinding rings =
                rings(driver, name(spec), spec.region().conf(), memId, spec.txRings(), spec.rxRings(), extraBuffers);
        return spec.kind() == AdapterSpec.Kind.SCRATCH ? rings : join(rings, () -> device(spec));
    }

    /**
     * Opens the host rings of a network interface, for drivers that have none.
     *
     * @param spec {@code netmap:eth0^}
     * @throws io.ptnetmap.linux.LinuxException as {@link #open}
     */
    public static PortBinding openHostStack(NetmapDriver driver, PortSpec spec, int memId, int extraBuffers) {
        int tx = (spec.flags() & NmreqRegister.NR_RX_RINGS_ONLY) == 0 ? 1 : 0;
        int rx = (spec.flags() & NmreqRegister.NR_TX_RINGS_ONLY) == 0 ? 1 : 0;
        PortBinding rings = rings(driver, spec.name() + "^", spec.conf(), memId, tx, rx, extraBuffers);
        return join(rings, () -> new HostStack(spec.name()));
    }

    private static PortBinding rings(
            NetmapDriver driver, String name, PortSpec.Conf conf, int memId, int tx, int rx, int extraBuffers) {
        return driver.register(new PortRequest(
                name,
                NmreqRegister.NR_REG_NULL,
                0,
                0,
                memId == 0 ? REGION : memId,
                conf.txSlots(),
                conf.rxSlots(),
                tx,
                rx,
                0,
                0,
                extraBuffers));
    }

    private static PortBinding join(PortBinding rings, Supplier<Device> devices) {
        try {
            Device device = devices.get();
            try {
                return new AdapterPort(rings, device);
            } catch (RuntimeException failure) {
                device.close();
                throw failure;
            }
        } catch (RuntimeException failure) {
            rings.close();
            throw failure;
        }
    }

    private static Device device(AdapterSpec spec) {
        return switch (spec.kind()) {
            case PCAP ->
                spec.transmit()
                        ? new CaptureOutput(Path.of(spec.target()), spec.snaplen())
                        : new CaptureSource(Path.of(spec.target()));
            case TAP -> new TapDevice(spec.target());
            default -> new NullDevice();
        };
    }

    /** What a monitor finds the port by; a file's path could have characters in it that no port's name has. */
    private static String name(AdapterSpec spec) {
        String kind = spec.kind().name().toLowerCase(Locale.ROOT);
        return spec.kind() == AdapterSpec.Kind.TAP ? kind + ":" + spec.target() : kind;
    }

    private AdapterPort(PortBinding rings, Device device) {
        this.rings = rings;
        this.device = device;
        PortReply reply = rings.reply();
        this.tx = ring(rings.rings().txRing(0), reply.txSlots(), true);
        this.rx = ring(rings.rings().rxRing(0), reply.rxSlots(), false);
        this.closingEvent = Linux.eventfd();
    }

    private Optional<AdapterRing> ring(long address, int slots, boolean transmit) {
        return address == 0
                ? Optional.empty()
                : Optional.of(new AdapterRing(rings, address, slots, transmit, device, this));
    }

    @Override
    public PortReply reply() {
        return rings.reply();
    }

    @Override
    public RingTable rings() {
        return rings.rings();
    }

    @Override
    public Mapping memory() {
        return rings.memory();
    }

    @Override
    public RingSync txSync(int ring) {
        return ring == 0 ? tx.orElse(null) : null;
    }

    @Override
    public RingSync rxSync(int ring) {
        return ring == 0 ? rx.orElse(null) : null;
    }

    @Override
    public int arm(int events) {
        synchronized (this) {
            waiting = !closed;
            if (closed) {
                return Linux.POLLERR;
            }
        }
        try {
            settle();
            return evaluate(events);
        } catch (LinuxException failed) {
            // For disarm to throw.
            failure = Optional.of(failed);
            return Linux.POLLERR;
        }
    }

    private synchronized void settle() {
        if (!closed) {
            device.settle();
        }
    }

    @Override
    public int descriptor() {
        return device.descriptor();
    }

    @Override
    public int closingDescriptor() {
        return closingEvent;
    }

    @Override
    public int descriptorEvents(int events) {
        // A full receive ring has no use for more packets; unsent ones want room whatever the caller waits for.
        int wanted = (events & Linux.POLLIN) != 0 && rx.isPresent() && rx.get().room() > 0 ? Linux.POLLIN : 0;
        boolean out = (events & Linux.POLLOUT) != 0 || device.hasBacklog();
        return tx.isPresent() && out ? wanted | Linux.POLLOUT : wanted;
    }

    @Override
    public int disarm(int events, int revents) {
        synchronized (this) {
            if (!waiting) {
                return Linux.POLLERR;
            }
            waiting = false;
            if (closed) {
                Linux.close(closingEvent);
                return Linux.POLLERR;
            }
        }
        if (failure.isPresent()) {
            LinuxException failed = failure.get();
            failure = Optional.empty();
            throw failed;
        }
        int ready = evaluate(events);
        tx.ifPresent(AdapterRing::forgetViolation);
        rx.ifPresent(AdapterRing::forgetViolation);
        return ready;
    }

    private int evaluate(int events) {
        int ready = 0;
        if (tx.isPresent()) {
            ready |= tx.get().evaluate(events & Linux.POLLOUT);
        }
        if (rx.isPresent() && (events & Linux.POLLIN) != 0) {
            ready |= rx.get().evaluate(Linux.POLLIN);
            ready |= device.ended() ? Linux.POLLHUP : 0;
        }
        return ready;
    }

    @Override
    public synchronized Optional<PortCounters> counters() {
        return closed ? Optional.empty() : Optional.of(device.counters());
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            tx.ifPresent(AdapterRing::markClosed);
            rx.ifPresent(AdapterRing::markClosed);
            if (waiting) {
                Linux.eventfdSignal(closingEvent);
            } else {
                Linux.close(closingEvent);
            }
        }
        try {
            device.close();
        } finally {
            rings.close();
        }
    }
}
