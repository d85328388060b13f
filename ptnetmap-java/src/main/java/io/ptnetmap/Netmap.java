// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.adapter.AdapterPort;
import io.ptnetmap.adapter.AdapterSpec;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Setting;
import io.ptnetmap.linux.UserSockets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Opens netmap ports: {@code Netmap.open("netmap:chain}1")}.
 *
 * <p>An instance stands for one driver. The static methods use the {@linkplain #system() system's}: {@code /dev/netmap}
 * where there is one; else the embedded host whose socket {@code PTNETMAP_HOST} names, in the environment or as a system
 * property; else the host at the {@linkplain #defaultSocket() default socket}, if one serves there; else an embedded host
 * of this process's own. Thread-safe.
 */
public final class Netmap implements AutoCloseable {
    /** Environment variable and system property: socket of the embedded host to attach to. */
    public static final String HOST_VARIABLE = "PTNETMAP_HOST";

    private final NetmapDriver driver;

    private Netmap(NetmapDriver driver) {
        this.driver = driver;
        if (driver instanceof EmbeddedHost host) {
            host.switchStacksBy(SwitchedStack::open);
        }
    }

    private static final class Shared {
        static final Netmap INSTANCE = new Netmap(choose());

        private static NetmapDriver choose() {
            if (KernelDriver.available()) {
                return new KernelDriver();
            }
            Optional<Path> named = namedSocket();
            if (named.isPresent()) {
                return AttachClient.connect(named.get());
            }
            if (Files.exists(defaultSocket())) {
                try {
                    return AttachClient.connect(defaultSocket());
                } catch (LinuxException nobodyServes) {
                    if (nobodyServes.errno() != Errno.ECONNREFUSED) {
                        throw nobodyServes;
                    }
                }
            }
            return EmbeddedHost.create();
        }
    }

    /** Over a driver of one's own choice, which {@link #close} closes. */
    public static Netmap over(NetmapDriver driver) {
        return new Netmap(driver);
    }

    /** The one that the static methods use, see the class comment. */
    public static Netmap system() {
        return Shared.INSTANCE;
    }

    /** The host's socket that {@value #HOST_VARIABLE} names, as a system property or else in the environment. */
    public static Optional<Path> namedSocket() {
        return Setting.of(HOST_VARIABLE).map(Path::of);
    }

    /** Where a host serves by default: {@code ptnetmap/host.sock} in the user's runtime directory. */
    public static Path defaultSocket() {
        return UserSockets.directory(System.getenv()).resolve("host.sock");
    }

    /**
     * Opens a port with {@link #system()}.
     *
     * @param spec port specification, see {@link PortSpec}: {@code netmap:chain{1}, {@code netmap:eth0-2/x}; or see {@link
     *     AdapterSpec}: {@code pcap:in.pcap}, {@code tap:left}, {@code null}
     * @throws NetmapException if the driver refuses
     * @throws IllegalArgumentException if the specification is malformed
     */
    public static NetmapPort open(String spec) {
        return system().openPort(spec);
    }

    /** Opens a port. As {@link #open(String)}, with this driver. */
    public NetmapPort openPort(String spec) {
        return openPort(spec, 0);
    }

    /** Opens a port with up to {@code count} extra buffers (ABI §2.7). */
    public NetmapPort openPort(String spec, int extraBuffers) {
        if (AdapterSpec.matches(spec)) {
            return openAdapter(spec, AdapterSpec.parse(spec), extraBuffers);
        }
        PortSpec parsed = PortSpec.parse(spec);
        PortRequest request = request(spec, parsed, extraBuffers);
        if (isHostStack(request) && !(driver instanceof KernelDriver)) {
            return open(spec, () -> AdapterPort.openHostStack(driver, parsed, request.memId(), extraBuffers));
        }
        return open(spec, () -> driver.register(request));
    }

    /** {@code netmap:eth0^}: neither of a pipe nor of a switch's port, nor a monitor. */
    private static boolean isHostStack(PortRequest request) {

        boolean software = request.mode() == NmreqRegister.NR_REG_SW
                || request.mode() == NmreqRegister.NR_REG_ONE_SW && request.ringId() == 0;
        boolean monitor = (request.flags() & NmreqRegister.NR_MONITOR) != 0;
        return software && !monitor && request.name().chars().noneMatch(c -> "{}:".indexOf(c) >= 0);
    }

    private NetmapPort openAdapter(String text, AdapterSpec spec, int extraBuffers) {
        int memId =
                spec.region().share().map(this::regionOf).orElse(spec.region().memId());
        return open(text, () -> AdapterPort.open(driver, spec, memId, extraBuffers));
    }

    /**
     * Opens a null port: transmit rings that never move, whose slots are a place to keep buffers of a region in (ABI
     * §14).
     *
     * @param memId the region
     * @param rings transmit rings
     * @param slots of each ring; {@code slots - 1} are the user's
     */
    public NetmapPort openScratch(int memId, int rings, int slots) {
        String name = "scratch@" + memId;
        PortRequest request =
                new PortRequest("scratch", NmreqRegister.NR_REG_NULL, 0, 0, memId, slots, 0, rings, 0, 0, 0, 0);
        return open(name, () -> driver.register(request));
    }

    private static NetmapPort open(String name, Supplier<PortBinding> opening) {
        PortBinding binding;
        try {
            binding = opening.get();
        } catch (LinuxException refused) {
            throw new NetmapException(name, refused);
        }
        try {
            return new NetmapPort(name, binding);
        } catch (LinuxException unsound) {
            binding.close();
            throw new NetmapException(name, unsound);
        }
    }

    private PortRequest request(String text, PortSpec spec, int extraBuffers) {
        if (spec.extmem().isPresent() || spec.offset().isPresent()) {
            throw new NetmapException(
                    text, Errno.EOPNOTSUPP, "the options extmem and offset are not supported: leave them out");
        }
        PortSpec.Conf conf = spec.conf();
        return new PortRequest(
                spec.name(),
                spec.mode(),
                spec.ringId(),
                spec.flags(),
                spec.share().map(this::regionOf).orElse(spec.memId()),
                conf.txSlots(),
                conf.rxSlots(),
                conf.txRings(),
                conf.rxRings(),
                conf.hostTxRings(),
                conf.hostRxRings(),
                extraBuffers);
    }

    private int regionOf(String port) {
        try {
            return driver.portInfo(port, 0).memId();
        } catch (LinuxException refused) {
            throw new NetmapException(port, refused);
        }
    }

    public NetmapDriver driver() {
        return driver;
    }

    @Override
    public void close() {
        driver.close();
    }
}
