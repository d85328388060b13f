// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.abi.NetmapApi;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;

/**
 * What to do about netmap's refusals. It has one errno for many causes (ABI §5.3): the request tells which of them can be
 * meant.
 */
final class Remedy {
    private static final String PARAMETERS = "/sys/module/netmap/parameters/";
    private static final int MONITOR =
            NmreqRegister.NR_MONITOR_TX | NmreqRegister.NR_MONITOR_RX | NmreqRegister.NR_ZCOPY_MON;

    private Remedy() {}

    /** For a device that cannot be opened. */
    static String ofOpen(Errno errno) {
        return switch (errno) {
            case ENOENT, ENODEV, ENXIO -> "netmap is not loaded; modprobe netmap";
            case EACCES, EPERM ->
                "only root may use netmap unless the device's mode says otherwise; run as root, or give"
                        + " your group access to " + NetmapApi.NETMAP_DEVICE_NAME;
            default -> "";
        };
    }

    /** For a port that cannot be bound, or found. */
    static String ofPort(Errno errno, PortRequest request) {
        return switch (errno) {
            case EBUSY ->
                "the port or one of its rings is taken: by a program that holds it alone (/x), by a VALE switch it"
                        + " is attached to, or by a bridge or bond; release it there, or choose another port";
            case EINVAL -> ofInvalid(request);
            case ENXIO, ENODEV ->
                "there is no device " + request.name() + " in this network namespace, see ip link; ports"
                        + " that need no device are called vale0:x, or x{1 and x}1";
            case EIO ->
                "the port has a virtio-net header before each packet, which this program does not accept; set its"
                        + " length to 0";
            case ENOMEM -> ofExhausted(request);
            case EOPNOTSUPP -> ofUnsupported(request);
            case ENOTTY ->
                NetmapApi.NETMAP_DEVICE_NAME + " is not netmap's device, or netmap is older than API "
                        + NetmapApi.NETMAP_API;
            default -> "";
        };
    }

    private static String ofExhausted(PortRequest request) {
        if (isVale(request)) {
            return "the switch's name is not vale and up to 11 letters or digits, all " + KernelLimits.NM_BRIDGES
                    + " switches are in use, the switch is full, or memory has run out";
        }
        String pools =
                "netmap's pools have run out, or a ring has more slots than an object of the ring pool holds; close"
                        + " ports, ask for fewer slots, rings or extra buffers, or raise ring_size, ring_num or"
                        + " buf_num in " + PARAMETERS;
        return request.memId() == 0
                ? pools
                : pools + "; or region " + request.memId() + " is that of a port that is passed through to this virtual"
                        + " machine, which can make nothing in it: take a pipe without a region, and bridge the two"
                        + " (nfv bridge PORT x{1)";
    }

    /** netmap may have been built without monitors and switches; ptnetmap's own module is. */
    private static String ofUnsupported(PortRequest request) {
        if ((request.flags() & MONITOR) != 0) {
            return "this netmap has no monitors; a port that is passed through to a virtual machine can be watched on its host,"
                    + " others by the program that has them open";
        }
        return isVale(request)
                ? "this netmap has no VALE switches; take a pipe, x{1 and x}1"
                : "netmap cannot drive this device: its driver has no netmap support and emulation is off (echo 0 > "
                        + PARAMETERS + "admode), or netmap is the module for virtual machines, which drives"
                        + " e1000-paravirt only, see dmesg";
    }

    private static String ofInvalid(PortRequest request) {
        if ((request.flags() & MONITOR) != 0) {
            return "a monitor needs a port that another program has open in netmap mode; open that one first";
        }
        if (request.memId() != 0) {
            return "there may be no memory region " + request.memId() + "; leave the memory id out, or share=PORT";
        }
        if (request.name().indexOf('{') >= 0 || request.name().indexOf('}') >= 0) {
            return "a pipe is PARENT{ID or PARENT}ID, has no host rings, and is one of at most "
                    + KernelLimits.NM_MAXPIPES + " of its parent";
        }
        return switch (request.mode()) {
            case NmreqRegister.NR_REG_SW, NmreqRegister.NR_REG_NIC_SW ->
                "the port has no host rings: devices have them, unless they are passed through to this virtual machine;"
                        + " leave ^ or * out of the port's name";
            case NmreqRegister.NR_REG_ONE_NIC, NmreqRegister.NR_REG_ONE_SW ->
                "the port has no ring " + request.ringId() + "; rings are counted from 0";
            case NmreqRegister.NR_REG_NULL -> "a port without a device needs a memory id";
            default ->
                isVale(request)
                        ? "what comes after the colon names a device that is not attached to the switch; attach it, or choose"
                                + " a name that is no device"
                        : "the device's MTU may not fit a buffer (ip link set dev " + request.name()
                                + " mtu 1500, or raise " + PARAMETERS + "buf_size), or netmap is older than API "
                                + NetmapApi.NETMAP_API;
        };
    }

    private static boolean isVale(PortRequest request) {
        return request.name().startsWith(NetmapApi.NM_BDG_NAME);
    }

    /** For a sync that fails, which a ring in violation does not (ABI §4.2). */
    static String ofSync(Errno errno) {
        return switch (errno) {
            case EIO, ENXIO -> "the device has gone or its driver was unloaded; close the port";
            case EBADF -> "the port is closed";
            case EBUSY -> "the port is in CSB mode, where its sync loop serves it";
            default -> "";
        };
    }
}
