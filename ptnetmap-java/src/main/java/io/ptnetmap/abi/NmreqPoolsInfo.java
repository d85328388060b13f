// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_pools_info}: body of {@link RequestType#POOLS_INFO_GET} (ABI §5.5).
 *
 * <pre>
 *    0  nr_memsize (8)
 *    8  nr_mem_id (2)
 *   16  nr_if_pool_offset (8)     nr_if_pool_objtotal (4)     nr_if_pool_objsize (4)
 *   32  nr_ring_pool_offset (8)   nr_ring_pool_objtotal (4)   nr_ring_pool_objsize (4)
 *   48  nr_buf_pool_offset (8)    nr_buf_pool_objtotal (4)    nr_buf_pool_objsize (4)
 * </pre>
 */
public final class NmreqPoolsInfo {
    public static final int SIZE = 64;

    public static final Field MEMSIZE = Field.u64(0);
    public static final Field MEM_ID = Field.u16(8);
    public static final Field IF_POOL_OFFSET = Field.u64(16);
    public static final Field IF_POOL_OBJTOTAL = Field.u32(24);
    public static final Field IF_POOL_OBJSIZE = Field.u32(28);
    public static final Field RING_POOL_OFFSET = Field.u64(32);
    public static final Field RING_POOL_OBJTOTAL = Field.u32(40);
    public static final Field RING_POOL_OBJSIZE = Field.u32(44);
    public static final Field BUF_POOL_OFFSET = Field.u64(48);
    public static final Field BUF_POOL_OBJTOTAL = Field.u32(56);
    public static final Field BUF_POOL_OBJSIZE = Field.u32(60);

    private NmreqPoolsInfo() {}
}
