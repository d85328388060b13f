// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports as the users of netmap's tools name them. */
public final class ToolPorts {
    /** A name with its kind; all others are those of {@code netmap:} ports. */
    private static final Pattern COMPLETE =
            Pattern.compile("(netmap:|vale[A-Za-z0-9_]*:|pcap:|tap:|null($|[:@/])|scratch($|[:@/])).*");

    /** {@code netmap:eth0} and what may follow an interface's name. */
    private static final Pattern INTERFACE = Pattern.compile("netmap:([^-*^/@{}:]+)([-*^/@].*)?");

    private ToolPorts() {}

    /** The port's specification: as it is, or with {@code netmap:} in front. */
    public static String complete(String name) {
        return COMPLETE.matcher(name).matches() ? name : "netmap:" + name;
    }

    /** The network interface that a port is, if it is one. */
    public static Optional<String> interfaceOf(String spec) {
        Matcher matcher = INTERFACE.matcher(spec);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /**
     * Opens a port.
     *
     * @throws NetmapException if the driver refuses
     * @throws ToolException if the name is malformed
     */
    public static NetmapPort open(Netmap netmap, String spec) {
        return open(netmap, spec, 0);
    }

    /** Likewise, with up to {@code extraBuffers} extra buffers. */
    public static NetmapPort open(Netmap netmap, String spec, int extraBuffers) {
        try {
            return netmap.openPort(spec, extraBuffers);
        } catch (IllegalArgumentException malformed) {
            throw new ToolException(spec + ": " + malformed.getMessage(), malformed);
        }
    }

    /** Address of a network interface; empty for other ports, and for interfaces that have none. */
    public static Optional<MacAddress> macAddress(String spec) {
        Optional<String> name = interfaceOf(spec);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            NetworkInterface device = NetworkInterface.getByName(name.get());
            return device == null || device.getHardwareAddress() == null
                    ? Optional.empty()
                    : Optional.of(MacAddress.of(device.getHardwareAddress()));
        } catch (SocketException unknown) {
            return Optional.empty();
        }
    }
}
