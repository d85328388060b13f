// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import java.util.List;

/**
 * What the host tells the process that binds a port, besides the descriptors.
 *
 * @param reply netmap's part
 * @param kind what the process has to do for the port
 * @param lanes the ends of lanes that the process runs; none for a null port; of an interface, the {@linkplain
 *     LaneEnd#reserve reserves}
 */
record Registration(PortReply reply, Kind kind, List<LaneEnd> lanes) {
    /** Kinds of ports, in the order of their numbers in the attach protocol. */
    enum Kind {
        /** Run the ends of the given lanes. Without any, a null port: there is nothing to do. */
        LANES,
        /** Join the rings to the interface that the port is named after. */
        INTERFACE,
        /** A switch's port, which the host serves: it can be had by OPEN_CSB only. */
        SWITCH,
        /** Run the receiving ends of the given lanes, which are {@link MonitorLane}s. */
        MONITOR
    }

    /** A pipe's end or a null port. */
    Registration(PortReply reply, List<LaneEnd> lanes) {
        this(reply, Kind.LANES, lanes);
    }
}
