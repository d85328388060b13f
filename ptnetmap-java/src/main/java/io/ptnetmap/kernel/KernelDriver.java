// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.NetmapApi;
import io.ptnetmap.abi.NmreqPoolsInfo;
import io.ptnetmap.abi.NmreqPortInfoGet;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.NmreqValeAttach;
import io.ptnetmap.abi.NmreqValeDetach;
import io.ptnetmap.abi.NmreqValeList;
import io.ptnetmap.abi.NmreqValeNewif;
import io.ptnetmap.abi.RequestType;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The driver for {@code /dev/netmap}: one descriptor per port, one mapping per memory region (ABI §4, §5).
 *
 * <p>A region is mapped through the first port that is opened in it, and Linux keeps a mapped descriptor open. So a port
 * that is closed stays bound in the kernel as long as others that came after it use the same region (ABI §1).
 */
public final class KernelDriver implements NetmapDriver {
    private final Syscalls syscalls;
    /** An unbound descriptor, for requests that need no port. */
    private final int control;

    /** Regions in use by their memory id. Guarded by this, as are the bindings. */
    private final Map<Integer, Region> regions = new HashMap<>();

    private final Set<KernelBinding> bindings = new HashSet<>();
    private boolean closed;

    /** A mapped region and how many bindings use it. */
    private static final class Region {
        final Mapping mapping;
        int users;

        Region(Mapping mapping) {
            this.mapping = mapping;
        }
    }

    /** @throws LinuxException if the device cannot be opened */
    public KernelDriver() {
        this(Syscalls.LINUX);
    }

    KernelDriver(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.control = openDevice();
    }

    /** Whether {@code /dev/netmap} is there and can be opened by this process. */
    public static boolean available() {
        return available(Syscalls.LINUX);
    }

    static boolean available(Syscalls syscalls) {
        try {
            syscalls.close(syscalls.open(NetmapApi.NETMAP_DEVICE_NAME));
            return true;
        } catch (LinuxException unavailable) {
            return false;
        }
    }

    private int openDevice() {
        try {
            return syscalls.open(NetmapApi.NETMAP_DEVICE_NAME);
        } catch (LinuxException e) {
            throw new LinuxException(e.request(), e.number(), Remedy.ofOpen(e.errno()));
        }
    }

    @Override
    public String name() {
        return NetmapApi.NETMAP_DEVICE_NAME;
    }

    @Override
    public PortBinding register(PortRequest request) {
        int fd = openDevice();
        try {
            PortReply reply = bind(fd, request);
            return attach(request.name(), fd, reply);
        } catch (RuntimeException e) {
            syscalls.close(fd);
            throw e;
        }
    }

    private PortReply bind(int fd, PortRequest request) {
        try (ControlRequest control = new ControlRequest(RequestType.REGISTER, request.name())) {
            Bodies.write(control.body(), request);
            submit(control, fd, request);
            return Bodies.registered(control.body());
        }
    }

    private void submit(ControlRequest control, int fd, PortRequest request) {
        requireSuccess(control, -control.submit(syscalls, fd), request);
    }

    private static void requireSuccess(ControlRequest control, int errno, PortRequest request) {
        if (errno != 0) {
            throw new LinuxException(control.toString(), errno, Remedy.ofPort(Errno.of(errno), request));
        }
    }

    private synchronized KernelBinding attach(String port, int fd, PortReply reply) {
        requireOpen();
        Region region = regions.computeIfAbsent(reply.memId(), memId -> new Region(syscalls.map(fd, reply.memsize())));
        region.users++;
        try {
            KernelBinding binding = new KernelBinding(this, syscalls, port, fd, reply, region.mapping);
            bindings.add(binding);
            return binding;
        } catch (LinuxException unsound) {
            leave(reply.memId());
            throw unsound;
        }
    }

    private void leave(int memId) {
        Region region = regions.get(memId);
        region.users--;
        if (region.users == 0) {
            regions.remove(memId);
            region.mapping.close();
        }
    }

    /** A binding has ended and its descriptor is closed. Called once for each. */
    synchronized void detach(KernelBinding binding) {
        bindings.remove(binding);
        leave(binding.reply().memId());
    }

    @Override
    public synchronized PortReply portInfo(String name, int memId) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.PORT_INFO_GET, name)) {
            NmreqPortInfoGet.MEM_ID.write(request.body(), memId);
            submit(request, control, lookup(name, memId));
            return Bodies.portInfo(request.body());
        }
    }

    @Override
    public synchronized PoolsInfo poolsInfo(String name, int memId) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.POOLS_INFO_GET, name)) {
            NmreqPoolsInfo.MEM_ID.write(request.body(), memId);
            submit(request, control, lookup(name, memId));
            return Bodies.poolsInfo(request.body());
        }
    }

    /** The bind that netmap looks a port up as, where it is only asked about (ABI §5.4). */
    private static PortRequest lookup(String name, int memId) {
        return new PortRequest(name, NmreqRegister.NR_REG_ALL_NIC, 0, 0, memId, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public synchronized List<SwitchPort> valeList() {
        requireOpen();
        List<SwitchPort> list = new ArrayList<>();
        int bridge = 0;
        int port = 0;
        while (true) {
            try (ControlRequest request = new ControlRequest(RequestType.VALE_LIST, "")) {
                NmreqValeList.BRIDGE_IDX.write(request.body(), bridge);
                NmreqValeList.PORT_IDX.write(request.body(), port);
                int errno = -request.submit(syscalls, control);
                if (errno == Errno.ENOENT.number()) {
                    return list;
                }
                requireSuccess(request, errno, lookup("", 0));
                bridge = NmreqValeList.BRIDGE_IDX.readInt(request.body());
                port = NmreqValeList.PORT_IDX.readInt(request.body());
                list.add(new SwitchPort(request.answeredName(), bridge, port, Optional.empty()));
                port++;
            }
        }
    }

    @Override
    public synchronized int valeAttach(PortRequest attached) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.VALE_ATTACH, attached.name())) {
            Bodies.write(request.body() + NmreqValeAttach.REG_OFFSET, attached);
            submit(request, control, attached);
            return NmreqValeAttach.PORT_INDEX.readInt(request.body());
        }
    }

    @Override
    public synchronized int valeDetach(String name) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.VALE_DETACH, name)) {
            submit(request, control, lookup(name, 0));
            return NmreqValeDetach.PORT_INDEX.readInt(request.body());
        }
    }

    @Override
    public synchronized int valeNewif(PortRequest made) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.VALE_NEWIF, made.name())) {
            long body = request.body();
            NmreqValeNewif.TX_SLOTS.write(body, made.txSlots());
            NmreqValeNewif.RX_SLOTS.write(body, made.rxSlots());
            NmreqValeNewif.TX_RINGS.write(body, made.txRings());
            NmreqValeNewif.RX_RINGS.write(body, made.rxRings());
            NmreqValeNewif.MEM_ID.write(body, made.memId());
            submit(request, control, made);
            return NmreqValeNewif.MEM_ID.readInt(body);
        }
    }

    @Override
    public synchronized void valeDelif(String name) {
        requireOpen();
        try (ControlRequest request = new ControlRequest(RequestType.VALE_DELIF, name)) {
            submit(request, control, lookup(name, 0));
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new LinuxException(name(), Errno.EBADF, "the driver is closed");
        }
    }

    /** Closes all ports that are still open, and the device. Idempotent. */
    @Override
    public void close() {
        List<KernelBinding> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(bindings);
        }
        open.forEach(KernelBinding::close);
        syscalls.close(control);
    }
}
