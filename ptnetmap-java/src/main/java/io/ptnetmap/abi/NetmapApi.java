// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/** Versions, sizes and names that belong to no single structure of netmap's user API (ABI §4, §5, §17). */
public final class NetmapApi {
    /** Where the kernel driver listens. */
    public static final String NETMAP_DEVICE_NAME = "/dev/netmap";

    /** What names of VALE switches begin with. */
    public static final String NM_BDG_NAME = "vale";

    /** The version that this binding speaks. */
    public static final int NETMAP_API = 14;

    /** The oldest and newest version that netmap accepts. */
    public static final int NETMAP_MIN_API = 14;

    public static final int NETMAP_MAX_API = 15;

    /** Bytes of a request's body and options together, at most. */
    public static final int NETMAP_REQ_MAXSIZE = 4096;

    /** Bytes of the port name in {@link NmreqHeader}, with its NUL. */
    public static final int NETMAP_REQ_IFNAMSIZ = 64;

    /** Bytes of a network device's name, with its NUL. */
    public static final int IFNAMSIZ = 16;

    /** Alignment of {@code netmap_ring} and of its {@code sem} area, bytes. */
    public static final int NM_CACHE_ALIGN = 128;

    private NetmapApi() {}
}
