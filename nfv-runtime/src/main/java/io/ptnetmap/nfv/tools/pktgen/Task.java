// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.tools.StopSignal;

/** What one thread does with its port, until it has done its share or is told to end. */
abstract class Task implements Runnable {
    final GeneratorConfig config;
    final NetmapPort port;
    final StopSignal stop;
    final Meter meter = new Meter();
    /** Packets to go, of all; {@link Long#MAX_VALUE} = no end. */
    final long share;

    Task(GeneratorConfig config, NetmapPort port, StopSignal stop, long share) {
        this.config = config;
        this.port = port;
        this.stop = stop;
        this.share = share;
    }

    /** What else there is to say at the end; empty = nothing. */
    String findings() {
        return "";
    }

    /** What else there is to say in each period; empty = nothing. */
    String progress() {
        return "";
    }
}
