// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import java.nio.charset.StandardCharsets;

/**
 * {@code struct nmreq_header}: the argument of {@link Ioctl#NIOCCTRL} (ABI §5.1).
 *
 * <pre>
 *    0  nr_version (2)   nr_reqtype (2)   nr_reserved (4, must be 0)
 *    8  nr_name[64]
 *   72  nr_options (8)   address of the first option, 0 = none
 *   80  nr_body (8)      address of the body, 0 where the request has none
 * </pre>
 */
public final class NmreqHeader {
    public static final int SIZE = 88;

    public static final Field VERSION = Field.u16(0);
    public static final Field REQTYPE = Field.u16(2);
    public static final Field RESERVED = Field.u32(4);
    public static final Field NAME = Field.text(8, NetmapApi.NETMAP_REQ_IFNAMSIZ);
    public static final Field OPTIONS = Field.u64(72);
    public static final Field BODY = Field.u64(80);

    private NmreqHeader() {}

    /**
     * Writes the whole header. Do so before every call: a failed one may leave {@code nr_reserved} set (ABI §5.1).
     *
     * @param options address of the first option, 0 = none
     * @param body address of the body, 0 where the request has none
     * @throws IllegalArgumentException if the name has more than 63 bytes
     */
    public static void write(long header, RequestType type, String name, long options, long body) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length >= NAME.size()) {
            throw new IllegalArgumentException(
                    "the port name " + name + " has " + length + " bytes; netmap takes " + (NAME.size() - 1));
        }
        VERSION.write(header, NetmapApi.NETMAP_API);
        REQTYPE.write(header, type.number());
        RESERVED.write(header, 0);
        NAME.writeText(header, name);
        OPTIONS.write(header, options);
        BODY.write(header, body);
    }
}
