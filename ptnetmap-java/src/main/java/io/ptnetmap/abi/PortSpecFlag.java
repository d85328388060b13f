// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/** The letters of a port specification's flags. */
enum PortSpecFlag {
    EXCLUSIVE('x', NmreqRegister.NR_EXCLUSIVE),
    ZCOPY_MON('z', NmreqRegister.NR_ZCOPY_MON),
    MONITOR_TX('t', NmreqRegister.NR_MONITOR_TX),
    MONITOR_RX('r', NmreqRegister.NR_MONITOR_RX),
    RX_RINGS_ONLY('R', NmreqRegister.NR_RX_RINGS_ONLY),
    TX_RINGS_ONLY('T', NmreqRegister.NR_TX_RINGS_ONLY);

    /** All flags that have letters. */
    static final int ALL;

    static {
        int all = 0;
        for (PortSpecFlag flag : values()) {
            all |= flag.bit;
        }
        ALL = all;
    }

    private final char letter;
    private final int bit;

    PortSpecFlag(char letter, int bit) {
        this.letter = letter;
        this.bit = bit;
    }

    /** The flag of a letter, 0 where it is none. */
    static int bit(char letter) {
        for (PortSpecFlag flag : values()) {
            if (flag.letter == letter) {
                return flag.bit;
            }
        }
        return 0;
    }

    static String letters(int flags) {
        StringBuilder letters = new StringBuilder();
        for (PortSpecFlag flag : values()) {
            if ((flags & flag.bit) != 0) {
                letters.append(flag.letter);
            }
        }
        return letters.toString();
    }
}
