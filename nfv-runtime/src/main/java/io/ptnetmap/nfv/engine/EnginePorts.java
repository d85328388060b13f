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

    /**
     * Likewise for an end in one of the chain's {@linkplain Chain#region regions}, which the specification names where it is
     * not the first.
     */
    default NetmapPort outside(int region, String specification) {
        return outside(specification);
    }

    /**
     * Likewise in one of the chain's {@linkplain Chain#region regions}.
     *
     * @param region 1 is that of {@link #scratch(int)}
     */
    default NetmapPort scratch(int region, int slots) {
        return scratch(slots);
    }

    /** By their names, from a driver; scratch rings are those of null ports in the region of the port that is opened first. */
    static EnginePorts of(Netmap netmap) {
        return new EnginePorts() {
            private int memId = 1;
            private boolean known;

            @Override
            public NetmapPort pipeEnd(Chain chain, Layout.PipeEnd end) {
                return outside(end.region(chain), end.port(chain));
            }

            /** What lies further along the chain says nothing of where its beginning lies. */
            @Override
            public NetmapPort outside(int region, String specification) {
                return region == 1 ? outside(specification) : netmap.openPort(specification);
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

            @Override
            public NetmapPort scratch(int region, int slots) {
                return region == 1 ? scratch(slots) : netmap.openScratch(region, 1, slots);
            }
        };
    }
}
