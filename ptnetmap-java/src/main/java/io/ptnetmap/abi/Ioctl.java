// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * The {@code ioctl(2)} requests of {@code /dev/netmap} (ABI §4.1), put together as Linux does.
 *
 * <pre>
 *   31 30 29             16 15            8 7             0
 *   +-----+----------------+---------------+---------------+
 *   | dir | argument bytes |   type 'i'    |      nr       |
 *   +-----+----------------+---------------+---------------+
 * </pre>
 */
public final class Ioctl {
    /** {@code dir}: the argument is written to the kernel and read back. */
    private static final int READ_WRITE = 3;

    private static final int NO_ARGUMENT = 0;
    private static final int TYPE = 'i';

    /** Legacy query; argument {@link Nmreq}. */
    public static final long NIOCGINFO = number(READ_WRITE, 145, Nmreq.SIZE);
    /** Legacy bind; argument {@link Nmreq}. */
    public static final long NIOCREGIF = number(READ_WRITE, 146, Nmreq.SIZE);
    /** Syncs all transmit rings of the descriptor. */
    public static final long NIOCTXSYNC = number(NO_ARGUMENT, 148, 0);
    /** Syncs all receive rings of the descriptor. */
    public static final long NIOCRXSYNC = number(NO_ARGUMENT, 149, 0);
    /** For a VALE switch's external configuration hook; argument {@link NmIfreq}. */
    public static final long NIOCCONFIG = number(READ_WRITE, 150, NmIfreq.SIZE);
    /** All requests of {@link RequestType}; argument {@link NmreqHeader}. */
    public static final long NIOCCTRL = number(READ_WRITE, 151, NmreqHeader.SIZE);

    private Ioctl() {}

    private static long number(int dir, int nr, int size) {
        return (long) dir << 30 | (long) size << 16 | TYPE << 8 | nr;
    }
}
