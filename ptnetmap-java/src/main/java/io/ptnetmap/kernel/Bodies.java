// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.NmreqPoolsInfo;
import io.ptnetmap.abi.NmreqPortInfoGet;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;

/** Requests and replies of the drivers' interface to and from the bodies of control requests. */
final class Bodies {
    private Bodies() {}

    static void write(long register, PortRequest request) {
        NmreqRegister.TX_SLOTS.write(register, request.txSlots());
        NmreqRegister.RX_SLOTS.write(register, request.rxSlots());
        NmreqRegister.TX_RINGS.write(register, request.txRings());
        NmreqRegister.RX_RINGS.write(register, request.rxRings());
        NmreqRegister.HOST_TX_RINGS.write(register, request.hostTxRings());
        NmreqRegister.HOST_RX_RINGS.write(register, request.hostRxRings());
        NmreqRegister.MEM_ID.write(register, request.memId());
        NmreqRegister.RINGID.write(register, request.ringId());
        NmreqRegister.MODE.write(register, request.mode());
        NmreqRegister.EXTRA_BUFS.write(register, request.extraBufs());
        NmreqRegister.FLAGS.write(register, request.flags());
    }

    static PortReply registered(long register) {
        return new PortReply(
                NmreqRegister.OFFSET.read(register),
                NmreqRegister.MEMSIZE.read(register),
                NmreqRegister.TX_SLOTS.readInt(register),
                NmreqRegister.RX_SLOTS.readInt(register),
                NmreqRegister.TX_RINGS.readInt(register),
                NmreqRegister.RX_RINGS.readInt(register),
                NmreqRegister.HOST_TX_RINGS.readInt(register),
                NmreqRegister.HOST_RX_RINGS.readInt(register),
                NmreqRegister.MEM_ID.readInt(register),
                NmreqRegister.EXTRA_BUFS.readInt(register));
    }

    static PortReply portInfo(long info) {
        return new PortReply(
                0,
                NmreqPortInfoGet.MEMSIZE.read(info),
                NmreqPortInfoGet.TX_SLOTS.readInt(info),
                NmreqPortInfoGet.RX_SLOTS.readInt(info),
                NmreqPortInfoGet.TX_RINGS.readInt(info),
                NmreqPortInfoGet.RX_RINGS.readInt(info),
                NmreqPortInfoGet.HOST_TX_RINGS.readInt(info),
                NmreqPortInfoGet.HOST_RX_RINGS.readInt(info),
                NmreqPortInfoGet.MEM_ID.readInt(info),
                0);
    }

    static PoolsInfo poolsInfo(long info) {
        return new PoolsInfo(
                NmreqPoolsInfo.MEMSIZE.read(info),
                NmreqPoolsInfo.MEM_ID.readInt(info),
                new PoolsInfo.Pool(
                        NmreqPoolsInfo.IF_POOL_OFFSET.read(info),
                        NmreqPoolsInfo.IF_POOL_OBJTOTAL.readInt(info),
                        NmreqPoolsInfo.IF_POOL_OBJSIZE.readInt(info)),
                new PoolsInfo.Pool(
                        NmreqPoolsInfo.RING_POOL_OFFSET.read(info),
                        NmreqPoolsInfo.RING_POOL_OBJTOTAL.readInt(info),
                        NmreqPoolsInfo.RING_POOL_OBJSIZE.readInt(info)),
                new PoolsInfo.Pool(
                        NmreqPoolsInfo.BUF_POOL_OFFSET.read(info),
                        NmreqPoolsInfo.BUF_POOL_OBJTOTAL.readInt(info),
                        NmreqPoolsInfo.BUF_POOL_OBJSIZE.readInt(info)));
    }
}
