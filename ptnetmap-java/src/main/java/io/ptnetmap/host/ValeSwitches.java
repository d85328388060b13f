// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.PoolLayout;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** The switches of a host and the ports that persist without one. Guarded by the host's lock, see {@link Ports}. */
final class ValeSwitches {
    private final LongSupplier clock;
    private final Map<String, ValeSwitch> switches = new HashMap<>();
    /** By name. */
    private final Map<String, ValePort> persistent = new TreeMap<>();
    /** Of the ports that somebody has open. */
    private final Map<ValePort, ValeRings> open = new HashMap<>();

    /** @param clock nanoseconds, of any origin */
    ValeSwitches(LongSupplier clock) {
        this.clock = clock;
    }

    /** Whether a name is that of a switch's port, or of a persistent one. */
    boolean names(String name) {
        return ValeName.isMeant(name) || persistent.containsKey(name);
    }

    /** The port of a name, with its switch's or, where it is persistent, without. */
    Optional<ValePort> find(String name) {
        if (!ValeName.isMeant(name)) {
            return Optional.ofNullable(persistent.get(name));
        }
        ValeName parts = ValeName.of("find", name);
        return Optional.ofNullable(switches.get(parts.vale())).flatMap(vale -> vale.port(parts.port()));
    }

    /** Makes a port that is there as long as it is open, and its switch where that is not there yet. */
    ValePort create(PortRequest request, ValePort.Kind kind) {
        ValeName name = ValeName.of("REGISTER", request.name());
        if (persistent.containsKey(name.port())) {
            throw new LinuxException(
                    "REGISTER " + request.name(),
                    Errno.EINVAL,
                    name.port() + " is a persistent port that is not attached to " + name.vale() + ": attach it first"
                            + " (nfv vale attach " + request.name() + ")");
        }
        ValePort port = new ValePort(name.port(), kind, shape(request));
        join(name.vale(), port);
        return port;
    }

    /** The sizes of a port that this request makes: wishes out of bounds are not errors (ABI §5.3). */
    static PortShape shape(PortRequest request) {
        return new PortShape(
                Wishes.count(request.txRings(), 1, KernelLimits.NM_BDG_MAXRINGS),
                Wishes.count(request.txSlots(), KernelLimits.NM_BRIDGE_RINGSIZE, KernelLimits.NM_BDG_MAXSLOTS),
                Wishes.count(request.rxRings(), 1, KernelLimits.NM_BDG_MAXRINGS),
                Wishes.count(request.rxSlots(), KernelLimits.NM_BRIDGE_RINGSIZE, KernelLimits.NM_BDG_MAXSLOTS));
    }

    private void join(String name, ValePort port) {
        ValeSwitch vale = switches.get(name);
        if (vale == null) {
            vale = new ValeSwitch(name, freeIndex(name), clock);
        }
        vale.add(port);
        switches.put(name, vale);
    }

    private int freeIndex(String name) {
        for (int index = 0; index < KernelLimits.NM_BRIDGES; index++) {
            int candidate = index;
            if (switches.values().stream().noneMatch(vale -> vale.index() == candidate)) {
                return index;
            }
        }
        throw new LinuxException(
                "make " + name,
                Errno.ENOMEM,
                "there are " + KernelLimits.NM_BRIDGES + " switches, which is the most: use one of "
                        + String.join(", ", switches.keySet()));
    }

    /** Takes a port from its switch, which goes with its last port. Returns the number that the port had. */
    int leave(ValePort port) {
        int number = port.number();
        ValeSwitch vale = port.attachment().vale();
        vale.remove(port);
        if (vale.ports().isEmpty()) {
            switches.remove(vale.name());
        }
        return number;
    }

    Optional<ValeRings> rings(ValePort port) {
        return Optional.ofNullable(open.get(port));
    }

    void opened(ValeRings rings) {
        open.put(rings.port(), rings);
    }

    /** Nobody has a port open any more. */
    void closed(ValeRings rings) {
        ValePort port = rings.port();
        open.remove(port);
        if (port.kind() == ValePort.Kind.EPHEMERAL && port.attachment() != null) {
            leave(port);
        }
    }

    /** A persistent port, by a name that is neither taken nor a switch's. */
    void create(String name, ValePort port) {
        if (persistent.putIfAbsent(name, port) != null) {
            throw new LinuxException("VALE_NEWIF " + name, Errno.EEXIST, "there is a persistent port of that name");
        }
    }

    /** The persistent port of a name, to be deleted. */
    void delete(String name) {
        ValePort port = Optional.ofNullable(persistent.get(name))
                .orElseThrow(() -> new LinuxException(
                        "VALE_DELIF " + name, Errno.ENXIO, "there is no persistent port of that name"));
        if (port.attachment() != null || open.containsKey(port)) {
            throw new LinuxException(
                    "VALE_DELIF " + name,
                    Errno.EBUSY,
                    port.attachment() != null
                            ? "it is attached to " + port.attachment().vale().name() + ": detach it first"
                            : "a program has it open: close it first");
        }
        persistent.remove(name);
    }

    /** Attaches the persistent port of this name. */
    int attach(ValeName name) {
        ValePort port = persistent.get(name.port());
        if (port.attachment() != null) {
            throw new LinuxException(
                    "VALE_ATTACH " + name.vale() + ":" + name.port(),
                    Errno.EBUSY,
                    "it is attached to " + port.attachment().vale().name() + ": detach it there first");
        }
        join(name.vale(), port);
        return port.number();
    }

    boolean isPersistent(String name) {
        return persistent.containsKey(name);
    }

    List<SwitchPort> list() {
        List<SwitchPort> list = new ArrayList<>();
        switches.values().stream()
                .sorted(Comparator.comparingInt(ValeSwitch::index))
                .forEach(vale -> vale.ports().forEach(port -> list.add(describe(vale, port))));
        int unattached = 0;
        for (ValePort port : persistent.values()) {
            if (port.attachment() == null) {
                list.add(new SwitchPort(
                        port.name(),
                        SwitchPort.UNATTACHED,
                        unattached++,
                        Optional.of(port.counters().traffic())));
            }
        }
        return list;
    }

    private static SwitchPort describe(ValeSwitch vale, ValePort port) {
        return new SwitchPort(
                vale.name() + ":" + port.name(),
                vale.index(),
                port.number(),
                Optional.of(port.counters().traffic()));
    }

    /** netmap's sizes for the region of a port of its own (ABI §2.9). */
    static RegionConfig regionConfig(PortShape shape, int extraBuffers, int bufferSize) {
        // With the one for host rings, which there are not, in each direction.
        int txRings = shape.txRings() + 1;
        int rxRings = shape.rxRings() + 1;
        int pipes = KernelLimits.VALE_DEFAULT_PIPES;
        int buffers = (4 * pipes + rxRings) * shape.rxSlots() + (4 * pipes + txRings) * shape.txSlots();
        return new RegionConfig(
                Math.max(2 + 4 * pipes, PoolLayout.Limits.PRIVATE_IF.defaultCount()),
                Math.max(NetmapIf.SIZE + Long.BYTES * (txRings + rxRings), PoolLayout.Limits.PRIVATE_IF.defaultSize()),
                Math.max(txRings + rxRings + 8 * pipes, PoolLayout.Limits.PRIVATE_RING.defaultCount()),
                Math.max(
                        NetmapRing.SLOT_OFFSET + NetmapSlot.SIZE * Math.max(shape.txSlots(), shape.rxSlots()),
                        PoolLayout.Limits.PRIVATE_RING.defaultSize()),
                Math.max(
                        buffers + 2 + Math.min(extraBuffers, KernelLimits.VALE_MAX_EXTRA_BUFS),
                        PoolLayout.Limits.PRIVATE_BUF.defaultCount()),
                bufferSize);
    }
}
