// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.util.Base64;

/**
 * A piece of a file on its way between a supervisor and a part that sees none of its files: what is between two pieces does not wait
 * for the whole.
 *
 * @param file its name in the part
 * @param offset bytes of the file before it
 * @param base64 its bytes
 * @param last whether the file ends with it
 */
record FilePiece(String file, long offset, String base64, boolean last) {
    /** Bytes of a piece: few enough that an emulated machine has it read in some milliseconds. */
    static final int MOST_BYTES = 1 << 16;

    static FilePiece of(String file, long offset, byte[] bytes, boolean last) {
        return new FilePiece(file, offset, Base64.getEncoder().encodeToString(bytes), last);
    }

    /** Asks for the piece that begins there. */
    static FilePiece wanted(String file, long offset) {
        return new FilePiece(file, offset, "", false);
    }

    byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }
}
