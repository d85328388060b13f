// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/** {@code NETMAP_REQ_*}: what a {@link NmreqHeader} asks for, and the size of the body it points to (ABI §5.2). */
public enum RequestType {
    /** Binds a port to the descriptor; body {@link NmreqRegister}. */
    REGISTER(1, NmreqRegister.SIZE),
    /** Sizes of a port; body {@link NmreqPortInfoGet}. */
    PORT_INFO_GET(2, NmreqPortInfoGet.SIZE),
    /** Attaches a device to a VALE switch; body {@link NmreqValeAttach}. */
    VALE_ATTACH(3, NmreqValeAttach.SIZE),
    /** Detaches it; body {@link NmreqValeDetach}. */
    VALE_DETACH(4, NmreqValeDetach.SIZE),
    /** Finds or enumerates the ports of switches; body {@link NmreqValeList}. */
    VALE_LIST(5, NmreqValeList.SIZE),
    /** Sets the length of a port's virtio-net header; body {@link NmreqPortHdr}. */
    PORT_HDR_SET(6, NmreqPortHdr.SIZE),
    /** Reads it; body {@link NmreqPortHdr}. */
    PORT_HDR_GET(7, NmreqPortHdr.SIZE),
    /** Creates a persistent VALE port; body {@link NmreqValeNewif}. */
    VALE_NEWIF(8, NmreqValeNewif.SIZE),
    /** Removes one. */
    VALE_DELIF(9, 0),
    /** Starts kernel threads that poll an attached device; body {@link NmreqValePolling}. */
    VALE_POLLING_ENABLE(10, NmreqValePolling.SIZE),
    /** Ends them; body {@link NmreqValePolling}. */
    VALE_POLLING_DISABLE(11, NmreqValePolling.SIZE),
    /** Where a region's pools lie; body {@link NmreqPoolsInfo}. */
    POOLS_INFO_GET(12, NmreqPoolsInfo.SIZE),
    /** Runs the in-kernel sync loop in the calling thread; body {@link NmreqSyncKloopStart}. */
    SYNC_KLOOP_START(13, NmreqSyncKloopStart.SIZE),
    /** Ends it. */
    SYNC_KLOOP_STOP(14, 0),
    /** Switches the descriptor to CSB mode; the option {@link NmreqOptCsb} says where the blocks are. */
    CSB_ENABLE(15, 0);

    private final int number;
    private final int bodySize;

    RequestType(int number, int bodySize) {
        this.number = number;
        this.bodySize = bodySize;
    }

    /** The value of {@code nr_reqtype}. */
    public int number() {
        return number;
    }

    /** Bytes of the body; 0 = {@code nr_body} must be a null pointer. */
    public int bodySize() {
        return bodySize;
    }
}
