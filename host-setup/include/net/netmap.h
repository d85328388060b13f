/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * netmap's interface between the kernel and programs, API 14: what lies in the
 * memory they share, and the requests on /dev/netmap.  The rules of the rings
 * are in docs/netmap-abi.md; section numbers below refer to it.
 *
 * All layouts are those of 64-bit Linux.
 */
#ifndef _NET_NETMAP_H_
#define _NET_NETMAP_H_

#ifdef __KERNEL__
#include <linux/if.h>
#include <linux/ioctl.h>
#include <linux/time_types.h>
#include <linux/types.h>
#else
#include <stdint.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/ioctl.h>
#ifndef IFNAMSIZ	/* programs may have included <linux/if.h> */
#include <net/if.h>
#endif
#endif

#define NETMAP_API	14	/* the version spoken here */
#define NETMAP_MIN_API	14
#define NETMAP_MAX_API	15

#define NETMAP_DEVICE_NAME	"/dev/netmap"
#define NM_BDG_NAME		"vale"	/* what names of switch ports begin with */

#define NM_CACHE_ALIGN		128
#define NETMAP_MAX_FRAGS	64	/* slots of one packet */
#define NETMAP_REQ_IFNAMSIZ	64	/* bytes of a port name, with its NUL */
#define NETMAP_REQ_MAXSIZE	4096	/* bytes of a request with its options */

/* ------------------------------------------------------------- shared memory */

/* One packet, or one fragment of it: names a buffer of the region (2.4). */
struct netmap_slot {
	uint32_t buf_idx;
	uint16_t len;		/* bytes of this fragment */
	uint16_t flags;		/* NS_* */
	uint64_t ptr;		/* address of an indirect buffer, or packet offset */
};

#define NS_BUF_CHANGED	0x0001	/* buf_idx is not what the peer last saw here */
#define NS_REPORT	0x0002	/* tell me when this one is sent */
#define NS_FORWARD	0x0004	/* pass on, on release */
#define NS_NO_LEARN	0x0008
#define NS_INDIRECT	0x0010	/* payload is at ptr */
#define NS_MOREFRAG	0x0020	/* the packet goes on in the next slot */
#define NS_TXMON	0x0040	/* monitors: seen on a transmit ring */
#define NS_PORT_SHIFT	8
#define NS_PORT_MASK	(0xff << NS_PORT_SHIFT)
#define NS_RFRAGS(_slot)	(((_slot)->flags >> NS_PORT_SHIFT) & 0xff)

/*
 * A ring; slots in [head, tail) are the user's, all others the kernel's (2.3).
 * (u): the user writes it, (k): the kernel does.
 */
struct netmap_ring {
	int64_t		buf_ofs;	/* (k) from here to buffer 0 */
	uint32_t	num_slots;	/* (k) so the next three */
	uint32_t	nr_buf_size;
	uint16_t	ringid;
	uint16_t	dir;		/* 0 receive, 1 transmit */

	uint32_t	head;		/* (u) first slot that is still the user's */
	uint32_t	cur;		/* (u) where the user wants to be woken */
	uint32_t	tail;		/* (k) first slot of the kernel */

	uint32_t	flags;		/* (u) NR_TIMESTAMP, NR_FORWARD */
#ifdef __KERNEL__
	struct __kernel_old_timeval ts;	/* (k) of the last receive sync */
#else
	struct timeval	ts;
#endif
	uint64_t	offset_mask;	/* (k) bits of ptr that are an offset, 0: none */
	uint64_t	buf_align;	/* (k) of packets to send, 0: any */

	/* (u) for the program's own use */
	uint8_t __attribute__((aligned(NM_CACHE_ALIGN))) sem[128];

	struct netmap_slot slot[];
};

#define NR_TIMESTAMP	0x0002	/* set ts on each receive sync */
#define NR_FORWARD	0x0004	/* heed NS_FORWARD */

/*
 * What one descriptor has bound, at nr_offset of the mapping (2.2).  ring_ofs
 * counts from this struct: transmit rings, host transmit rings, receive rings,
 * host receive rings; 0 where the ring is not bound.
 */
struct netmap_if {
	char		ni_name[IFNAMSIZ];
	uint32_t	ni_version;
	uint32_t	ni_flags;	/* NI_PRIV_MEM */
	uint32_t	ni_tx_rings;
	uint32_t	ni_rx_rings;
	uint32_t	ni_bufs_head;	/* (u) first extra buffer, 0: none */
	uint32_t	ni_host_tx_rings;
	uint32_t	ni_host_rx_rings;
	uint32_t	ni_spare1[3];
	ssize_t		ring_ofs[];
};

#define NI_PRIV_MEM	0x1	/* the region is this port's own */

/* ------------------------------------------------------------------ requests */

/* Argument of NIOCCTRL (5.1): what is wanted, of which port. */
struct nmreq_header {
	uint16_t nr_version;
	uint16_t nr_reqtype;	/* NETMAP_REQ_* */
	uint32_t nr_reserved;	/* 0 */
	char	 nr_name[NETMAP_REQ_IFNAMSIZ];
	uint64_t nr_options;	/* struct nmreq_option *, 0: none */
	uint64_t nr_body;	/* struct nmreq_... of the request, 0: none */
};

enum {
	NETMAP_REQ_REGISTER = 1,
	NETMAP_REQ_PORT_INFO_GET,
	NETMAP_REQ_VALE_ATTACH,
	NETMAP_REQ_VALE_DETACH,
	NETMAP_REQ_VALE_LIST,
	NETMAP_REQ_PORT_HDR_SET,
	NETMAP_REQ_PORT_HDR_GET,
	NETMAP_REQ_VALE_NEWIF,
	NETMAP_REQ_VALE_DELIF,
	NETMAP_REQ_VALE_POLLING_ENABLE,
	NETMAP_REQ_VALE_POLLING_DISABLE,
	NETMAP_REQ_POOLS_INFO_GET,
	NETMAP_REQ_SYNC_KLOOP_START,
	NETMAP_REQ_SYNC_KLOOP_STOP,
	NETMAP_REQ_CSB_ENABLE,
};

/* An addition to a request; nro_status says what came of it (6). */
struct nmreq_option {
	uint64_t nro_next;	/* struct nmreq_option *, 0: last */
	uint32_t nro_reqtype;	/* NETMAP_REQ_OPT_* */
	uint32_t nro_status;	/* 0 or an errno */
	uint64_t nro_size;	/* of the whole option, where it varies */
};

enum {
	NETMAP_REQ_OPT_EXTMEM = 1,
	NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
	NETMAP_REQ_OPT_CSB,
	NETMAP_REQ_OPT_SYNC_KLOOP_MODE,
	NETMAP_REQ_OPT_OFFSETS,
	NETMAP_REQ_OPT_MAX,
};

/* Binds a port, or some rings of it, to the descriptor (5.3). */
struct nmreq_register {
	uint64_t nr_offset;	/* out: of the netmap_if */
	uint64_t nr_memsize;	/* out: to be mapped */
	uint32_t nr_tx_slots;	/* in: wish, 0: default; out: actual; so the next six */
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_host_tx_rings;
	uint16_t nr_host_rx_rings;
	uint16_t nr_mem_id;	/* region; 1: the global one */
	uint16_t nr_ringid;	/* for the ONE modes */
	uint32_t nr_mode;	/* NR_REG_* */
	uint32_t nr_extra_bufs;	/* in: wish; out: obtained */
	uint64_t nr_flags;
};

enum {
	NR_REG_DEFAULT = 0,
	NR_REG_ALL_NIC,
	NR_REG_SW,
	NR_REG_NIC_SW,
	NR_REG_ONE_NIC,
	NR_REG_PIPE_MASTER,	/* legacy requests only */
	NR_REG_PIPE_SLAVE,	/* legacy requests only */
	NR_REG_NULL,
	NR_REG_ONE_SW,
};

#define NR_MONITOR_TX		0x100
#define NR_MONITOR_RX		0x200
#define NR_ZCOPY_MON		0x400
#define NR_EXCLUSIVE		0x800	/* nobody else on these rings */
#define NR_RX_RINGS_ONLY	0x2000
#define NR_TX_RINGS_ONLY	0x4000
#define NR_ACCEPT_VNET_HDR	0x8000
#define NR_DO_RX_POLL		0x10000
#define NR_NO_TX_POLL		0x20000	/* poll sends only when asked for POLLOUT */

/* Sizes of a port, without binding it (5.4). */
struct nmreq_port_info_get {
	uint64_t nr_memsize;
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_host_tx_rings;
	uint16_t nr_host_rx_rings;
	uint16_t nr_mem_id;
	uint16_t pad[3];
};

/* Where the pools of a port's region are (5.5). */
struct nmreq_pools_info {
	uint64_t nr_memsize;
	uint16_t nr_mem_id;
	uint16_t pad1[3];
	uint64_t nr_if_pool_offset;
	uint32_t nr_if_pool_objtotal;
	uint32_t nr_if_pool_objsize;
	uint64_t nr_ring_pool_offset;
	uint32_t nr_ring_pool_objtotal;
	uint32_t nr_ring_pool_objsize;
	uint64_t nr_buf_pool_offset;
	uint32_t nr_buf_pool_objtotal;
	uint32_t nr_buf_pool_objsize;
};

/* Length of the virtio-net header that a port's packets carry (5.8). */
struct nmreq_port_hdr {
	uint32_t nr_hdr_len;
	uint32_t pad1;
};

/* The switch (5.6, 5.7, 5.9, 5.10). */
struct nmreq_vale_attach {
	struct nmreq_register reg;
	uint32_t port_index;
	uint32_t pad1;
};

struct nmreq_vale_detach {
	uint32_t port_index;
	uint32_t pad1;
};

struct nmreq_vale_list {
	uint16_t nr_bridge_idx;
	uint16_t pad1;
	uint32_t nr_port_idx;
};

struct nmreq_vale_newif {
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_mem_id;
	uint16_t pad1;
};

struct nmreq_vale_polling {
	uint32_t nr_mode;
	uint32_t nr_first_cpu_id;
	uint32_t nr_num_polling_cpus;
	uint32_t pad1;
};

#define NETMAP_POLLING_MODE_SINGLE_CPU	1
#define NETMAP_POLLING_MODE_MULTI_CPU	2

/* Runs the rings from the calling thread (15.3). */
struct nmreq_sync_kloop_start {
	uint32_t sleep_us;	/* between rounds, without eventfds */
	uint32_t pad1;
};

/* ------------------------------------------------------------------- options */

struct nmreq_opt_sync_kloop_eventfds {
	struct nmreq_option nro_opt;	/* nro_size counts the array */
	struct {
		int32_t ioeventfd;	/* the application kicks */
		int32_t irqfd;		/* the kernel interrupts */
	} eventfds[];			/* transmit rings, then receive rings */
};

struct nmreq_opt_sync_kloop_mode {
	struct nmreq_option nro_opt;
	uint32_t mode;
};

#define NM_OPT_SYNC_KLOOP_DIRECT_TX	0x1	/* send in the kicker's context */
#define NM_OPT_SYNC_KLOOP_DIRECT_RX	0x2

struct nmreq_opt_extmem {
	struct nmreq_option nro_opt;
	uint64_t nro_usrptr;
	struct nmreq_pools_info nro_info;
};

struct nmreq_opt_csb {
	struct nmreq_option nro_opt;
	uint64_t csb_atok;	/* struct nm_csb_atok *, one for each ring */
	uint64_t csb_ktoa;	/* struct nm_csb_ktoa *, one for each ring */
};

struct nmreq_opt_offsets {
	struct nmreq_option nro_opt;
	uint64_t nro_max_offset;
	uint64_t nro_initial_offset;
	uint32_t nro_offset_bits;
	uint32_t nro_tx_align;
	uint64_t nro_min_gap;
};

/* ------------------------------------------------------------- control blocks */

/* One ring's indices, from the application to the kernel (15.1). */
struct nm_csb_atok {
	uint32_t head;
	uint32_t cur;
	uint32_t appl_need_kick;	/* interrupt me */
	uint32_t sync_flags;
	uint32_t pad[12];
};

/* One ring's indices, from the kernel to the application. */
struct nm_csb_ktoa {
	uint32_t hwcur;
	uint32_t hwtail;
	uint32_t kern_need_kick;	/* kick me */
	uint32_t pad[13];
};

/* --------------------------------------------------------------- API 11 to 13 */

/* Argument of NIOCREGIF and NIOCGINFO (7). */
struct nmreq {
	char	 nr_name[IFNAMSIZ];
	uint32_t nr_version;
	uint32_t nr_offset;
	uint32_t nr_memsize;
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_ringid;
	uint16_t nr_cmd;
	uint16_t nr_arg1;
	uint16_t nr_arg2;	/* region */
	uint32_t nr_arg3;	/* extra buffers */
	uint32_t nr_flags;	/* NR_REG_* and flags */
	uint32_t spare2[1];
};

#define NR_REG_MASK		0xf	/* of nr_flags: the mode */

/* nr_ringid */
#define NETMAP_RING_MASK	0x0fff
#define NETMAP_NO_TX_POLL	0x1000
#define NETMAP_SW_RING		0x2000
#define NETMAP_HW_RING		0x4000
#define NETMAP_DO_RX_POLL	0x8000

/* nr_cmd */
#define NETMAP_BDG_ATTACH	1
#define NETMAP_BDG_DETACH	2
#define NETMAP_BDG_REGOPS	3
#define NETMAP_BDG_LIST		4
#define NETMAP_BDG_VNET_HDR	5
#define NETMAP_BDG_OFFSET	NETMAP_BDG_VNET_HDR
#define NETMAP_BDG_NEWIF	6
#define NETMAP_BDG_DELIF	7
#define NETMAP_PT_HOST_CREATE	8
#define NETMAP_PT_HOST_DELETE	9
#define NETMAP_BDG_POLLING_ON	10
#define NETMAP_BDG_POLLING_OFF	11
#define NETMAP_VNET_HDR_GET	12

#define NETMAP_BDG_HOST		1	/* nr_arg1 of NETMAP_BDG_ATTACH */

/* Argument of NIOCCONFIG. */
#define NM_IFRDATA_LEN	256
struct nm_ifreq {
	char nifr_name[IFNAMSIZ];
	char data[NM_IFRDATA_LEN];
};

/* -------------------------------------------------------------------- ioctls */

#define NIOCGINFO	_IOWR('i', 145, struct nmreq)
#define NIOCREGIF	_IOWR('i', 146, struct nmreq)
#define NIOCTXSYNC	_IO('i', 148)
#define NIOCRXSYNC	_IO('i', 149)
#define NIOCCONFIG	_IOWR('i', 150, struct nm_ifreq)
#define NIOCCTRL	_IOWR('i', 151, struct nmreq_header)

#ifndef __KERNEL__
/* Nothing to read, or no room to send. */
static inline int nm_ring_empty(struct netmap_ring *ring)
{
	return ring->head == ring->tail;
}

/* Barriers for the application's side of the control blocks (15.2, 15.6). */
static inline void nm_stst_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void nm_ldld_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void nm_stld_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Hands slots to the kernel: it must never see a head that is ahead of cur. */
static inline void nm_sync_kloop_appl_write(struct nm_csb_atok *atok,
					    uint32_t cur, uint32_t head)
{
	nm_stst_barrier();
	__atomic_store_n(&atok->cur, cur, __ATOMIC_RELAXED);
	__atomic_store_n(&atok->head, head, __ATOMIC_RELEASE);
}

/* Learns how far the kernel is; slots up to hwtail may be read after it. */
static inline void nm_sync_kloop_appl_read(struct nm_csb_ktoa *ktoa,
					   uint32_t *hwtail, uint32_t *hwcur)
{
	*hwtail = __atomic_load_n(&ktoa->hwtail, __ATOMIC_ACQUIRE);
	*hwcur = __atomic_load_n(&ktoa->hwcur, __ATOMIC_ACQUIRE);
}
#endif /* !__KERNEL__ */

#endif /* _NET_NETMAP_H_ */
