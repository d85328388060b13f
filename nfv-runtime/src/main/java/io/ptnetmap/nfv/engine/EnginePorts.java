// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.chain.Chain;

/** Where an engine gets its ports from. The engine closes them. */
public interface EnginePorts {
    /** Opens an end of a pipe. */
    NetmapPort pipeEnd(Chain chain, Layout.PipeEnd end);

    /** Opens a port at an end of the chain, by its specification. */
    NetmapPort outside(String specification);

    /**
     * Opens a port whose first transmit ring is nobody else's, is never synced, and lies in the region of the pipes.
     *
     * @param slots of the ring, exactly
     */
    NetmapPort scratch(int slots);

    /** By their names, from a driver; scratch rings are those of null ports in the region of the port that is opened first. */
    static EnginePorts of(Netmap netmap) {
        return new EnginePorts() {
            private int memId = 1;
            private boolean known;

            @Override
            public NetmapPort pipeEnd(Chain chain, Layout.PipeEnd end) {
                return outside(end.port(chain));
            }

            @Override
            public NetmapPort outside(String specification) {
                NetmapPort port = netmap.openPort(specification);
                if (!known) {
                    memId = port.memId();
                    known = true;
                }
                return port;
            }

            @Override
            public NetmapPort scratch(int slots) {
                return netmap.openScratch(memId, 1, slots);
            }
        };
    }
}
