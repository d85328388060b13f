// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * The request half of {@code struct nmreq_register} (ABI §5.3). Zero means "you choose" for all counts and the memory id.
 *
 * @param name the kernel's port name: no {@code netmap:} prefix and no suffixes, at most 63 bytes
 * @param mode one of {@code NR_REG_*}
 * @param ringId the ring of the modes {@code ONE_NIC} and {@code ONE_SW}
 * @param flags {@code NR_*} flags
 * @param memId region to use, 0 = the port's own
 * @param txSlots slots per transmit ring, honoured by ports that this request creates
 * @param rxSlots slots per receive ring, likewise
 * @param txRings transmit rings, likewise
 * @param rxRings receive rings, likewise
 * @param hostTxRings host transmit rings
 * @param hostRxRings host receive rings
 * @param extraBufs extra buffers wished for (ABI §2.7)
 */
public record PortRequest(
        String name,
        int mode,
        int ringId,
        long flags,
        int memId,
        int txSlots,
        int rxSlots,
        int txRings,
        int rxRings,
        int hostTxRings,
        int hostRxRings,
        int extraBufs) {

    /** All rings of a port, everything else left to the driver. */
    public static PortRequest of(String name, int mode) {
        return new PortRequest(name, mode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
