/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What the parts of netmap.ko know of each other.
 *
 *   region  memory that programs map: netmap_ifs, rings, buffers
 *   port    something with rings that descriptors bind: an end of a pipe, a
 *           passed-through NIC, a null port, the fake parent of pipes
 *   kring   the kernel's private state of one ring.  What a program writes in
 *           shared memory is read once, checked, and then used from here
 *   priv    an open file of /dev/netmap
 *
 * Locking.  nm_lock serialises control: opening, closing, attaching, and all that
 * has "nm_lock" below.  A sync of a ring takes only that ring, by a bit, and
 * gives up where somebody has it: nm_kring_tryget().  A priv's port and rings do
 * not change between its REGISTER and its last reference, so that syncs, poll
 * and page faults follow them without a lock.  nm_lock is never taken with an
 * mmap_lock or a ring held.
 */
#ifndef _NETMAP_KERN_H_
#define _NETMAP_KERN_H_

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/poll.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <net/netmap.h>

enum txrx { NR_RX, NR_TX, NR_TXRX };	/* the values of netmap_ring.dir */

extern struct mutex nm_lock;

/* -------------------------------------------------------------------- regions */

enum { NM_IF_POOL, NM_RING_POOL, NM_BUF_POOL, NM_POOLS };

#define NM_GLOBAL_MEM_ID	1
#define NM_FIRST_BUF		2	/* buffers 0 and 1 are nobody's */

/* Objects of one kind and size. */
struct nm_pool {
	u64 offset;		/* in the region */
	u32 objsize;
	u32 objtotal;
	u32 objfree;
	u32 hint;		/* no lower one is free */
	unsigned long *free;	/* bitmap; NULL where the objects are not ours to give */
};

/*
 * A region is own memory, or belongs to somebody else (a PCI BAR):
 *
 *   own       [netmap_ifs, rings: allocated when in use][buffers: page by page]
 *   external  [rings and buffers, elsewhere: external_size][netmap_ifs: own]
 *
 * Pages of own buffers are allocated when first touched.
 */
struct nm_region {
	u16 id;
	u32 hostid;		/* what the memdev calls it; 0: own memory */
	bool private;		/* NI_PRIV_MEM */
	bool gone;		/* external memory has been taken away */

	/* nm_lock */
	unsigned int refs;
	unsigned int users;	/* descriptors that have it in use */
	u32 quota;		/* buffers that live rings and descriptors were given */
	struct list_head privs;

	u64 size;		/* what programs map, whole pages */
	struct nm_pool pool[NM_POOLS];
	u32 min_size[NM_POOLS];	/* of a private region */
	u32 min_num[NM_POOLS];

	void *meta;		/* own netmap_ifs and rings */
	u64 meta_offset;
	u64 meta_size;
	struct page **pages;	/* own buffers, or what replaces external memory */
	u64 pages_offset;
	u64 num_pages;

	void *external;
	phys_addr_t external_phys;
	u64 external_size;
	struct rw_semaphore external_lock;	/* gone, against page faults */
};

/* Memory that a driver offers as a region.  pool: NM_RING_POOL and NM_BUF_POOL. */
struct nm_external {
	u32 hostid;		/* not 0 */
	phys_addr_t phys;
	void *virt;		/* mapped write-back */
	u64 size;
	struct {
		u64 offset;
		u32 objsize;
		u32 objtotal;
	} pool[NM_POOLS];
};

int nm_mem_init(void);
void nm_mem_exit(void);

/*
 * All with nm_lock, but the last two.  What finds or makes a region returns it
 * with a reference; NULL where there is none, an ERR_PTR() where making failed.
 */
struct nm_region *nm_region_by_id(u16 id);
struct nm_region *nm_region_by_hostid(u32 hostid);
struct nm_region *nm_region_private(u32 tx_rings, u32 rx_rings, u32 slots,
				    u32 extra);
void nm_region_get(struct nm_region *region);
void nm_region_put(struct nm_region *region);

/* Registers memory; the caller holds the reference until nm_region_gone(). */
struct nm_region *nm_region_external(const struct nm_external *ext);
/* Stops all ports there, zaps mappings: nobody touches the memory afterwards. */
void nm_region_gone(struct nm_region *region);

int nm_region_configure(struct nm_region *region);	/* pools and size are valid */
int nm_region_start(struct nm_region *region);		/* users + 1, memory is there */
void nm_region_stop(struct nm_region *region);

int nm_alloc_object(struct nm_region *region, int pool, u32 *index);
bool nm_free_object(struct nm_region *region, int pool, u32 index);
u64 nm_object_offset(struct nm_region *region, int pool, u32 index);
u32 nm_alloc_extra(struct nm_region *region, u32 want, u32 *head);
void nm_free_extra(struct nm_region *region, u32 head);
u32 nm_extra_next(struct nm_region *region, u32 index);
/* After programs that died: slots and buffers of an own region in use. */
void nm_region_mend(struct nm_region *region);

/* Kernel's address of what programs see at that offset: not of own buffers. */
void *nm_region_address(struct nm_region *region, u64 offset);
vm_fault_t nm_region_fault(struct nm_region *region, struct vm_fault *vmf);

/* --------------------------------------------------------------------- krings */

#define NM_KR_BUSY	0	/* somebody syncs it */
#define NM_KR_STOPPED	1	/* for good: EIO, POLLERR */
#define NM_KR_MISSED	2	/* somebody gave up while it was busy: wake him */

#define NAF_FORCE_READ		1	/* look for packets, interrupt or not */
#define NAF_FORCE_RECLAIM	2	/* find out what was sent */
#define NM_IF_NEWS		0x100	/* nm_kring_sync(): only if the user moved head */

struct nm_kring {
	struct nm_port *port;
	struct netmap_ring *ring;	/* NULL: not in memory */
	u64 ring_offset;		/* in the region */
	u32 num_slots;
	u16 id;
	u16 dir;

	/* nm_lock */
	u32 users;
	bool exclusive;

	unsigned long state;		/* NM_KR_* */
	bool checked;			/* slots are checked: the user is a machine */

	/* of who has it busy */
	u32 hwcur;			/* first slot that the port has not taken */
	u32 hwtail;			/* first slot that is the port's */
	u32 rhead;			/* the user's head and cur, checked */
	u32 rcur;
	u32 rtail;			/* the tail that the user was given */

	/* pipes: the other end's ring, and the hwtail that it wrote for this one */
	struct nm_kring *peer;
	u32 peer_tail ____cacheline_aligned_in_smp;

	wait_queue_head_t wait ____cacheline_aligned_in_smp;
} ____cacheline_aligned_in_smp;

static inline u32 nm_next(u32 i, u32 n)
{
	return i + 1 == n ? 0 : i + 1;
}

static inline u32 nm_prev(u32 i, u32 n)
{
	return i ? i - 1 : n - 1;
}

/* Steps from one index to another, around the ring. */
static inline u32 nm_dist(u32 from, u32 to, u32 n)
{
	return to >= from ? to - from : to + n - from;
}

/* 0, EIO where it is stopped, EBUSY. */
int nm_kring_tryget(struct nm_kring *kr);
void nm_kring_put(struct nm_kring *kr);

/* Takes the user's head and cur if the rules allow (3.3). */
bool nm_kring_accept(struct nm_kring *kr, u32 head, u32 cur);
/* After a violation (3.4): slots made harmless, both sides back at the port's. */
void nm_kring_reinit(struct nm_kring *kr);
/* Checks, syncs, publishes the tail.  0, EIO, EBUSY, EINVAL after a violation. */
int nm_kring_sync(struct nm_kring *kr, int flags);
/* The other side moved something: wakes who waits for it.  Any context. */
void nm_kring_notify(struct nm_kring *kr);

/* Slots whose buffers are this ring's: of a pipe, the others are the other end's. */
void nm_kring_owned(const struct nm_kring *kr, u32 *first, u32 *num);
/* Sets the ring to [head, tail), at the kernel's and the user's end. */
void nm_kring_reset(struct nm_kring *kr, u32 head, u32 tail);

/* ---------------------------------------------------------------------- ports */

/*
 * All but the syncs with nm_lock, in process context.  Syncs have the ring
 * busy; they may run in any process, not in interrupts.
 */
struct nm_port_ops {
	/*
	 * Before region, numbers of rings and slots are looked at while nobody
	 * uses the port: makes them valid.  May be NULL.
	 */
	int (*prepare)(struct nm_port *port);
	/*
	 * The first user comes: every kring has its ring when this is done.
	 * NULL: rings are taken from the region one by one as they are bound.
	 */
	int (*open)(struct nm_port *port);
	/* The last user has left. */
	void (*close)(struct nm_port *port);
	/* Nothing refers to the port any more. */
	void (*destroy)(struct nm_port *port);

	/*
	 * Transmit: take slots [hwcur, rhead), move hwcur; move hwtail over what
	 * has been sent.  Receive: take back [hwcur, rhead), move hwcur; move
	 * hwtail over what has arrived.  0 or a negative errno.
	 */
	int (*txsync)(struct nm_kring *kr, int flags);
	int (*rxsync)(struct nm_kring *kr, int flags);
};

struct nm_port {
	struct list_head list;
	const struct nm_port_ops *ops;
	struct net *net;		/* where name is known; NULL with a netdev */
	struct net_device *netdev;	/* its name is the port's; NULL: name is */
	char name[NETMAP_REQ_IFNAMSIZ];

	/* nm_lock */
	struct nm_region *region;
	unsigned int refs;
	unsigned int users;		/* descriptors bound to it */
	unsigned int pipes;		/* pairs whose parent it is */
	bool gone;			/* rings are stopped; prepare may make new ones */

	u32 num_rings[NR_TXRX];
	u32 num_slots[NR_TXRX];
	struct nm_kring *krings[NR_TXRX];
	wait_queue_head_t wait[NR_TXRX];	/* of who has several rings */
};

/*
 * A port begins with one reference, its maker's.  Krings are made by
 * nm_port_set_rings(), again where the numbers change while nobody uses it.
 */
void nm_port_init(struct nm_port *port, const struct nm_port_ops *ops,
		  const char *name, struct net *net);
int nm_port_set_rings(struct nm_port *port, u32 tx_rings, u32 rx_rings,
		      u32 tx_slots, u32 rx_slots);
void nm_port_set_region(struct nm_port *port, struct nm_region *region);
void nm_port_add(struct nm_port *port);		/* can be found from now on */
void nm_port_remove(struct nm_port *port);	/* cannot be found any more */
void nm_port_get(struct nm_port *port);
void nm_port_put(struct nm_port *port);		/* the last one destroys it */
void nm_port_free(struct nm_port *port);	/* for destroy: what init and set_ made */

/* The port of that name, with a reference.  wish: for a port that is made by this. */
struct nm_wish {
	u32 mode;
	u32 num_rings[NR_TXRX];		/* 0: default; so the slots */
	u32 num_slots[NR_TXRX];
	u32 extra;
	struct nm_region *region;	/* NULL: default */
	bool create;			/* pipes and what they need */
};

struct nm_port *nm_port_find(const char *name, const struct nm_wish *wish);
struct nm_port *nm_null_port(const char *name, const struct nm_wish *wish);
struct nm_port *nm_pipe_find(const char *name, const char *brace,
			     const struct nm_wish *wish);
/* A parent of pipes that is nothing else: found, or made. */
struct nm_port *nm_parent_find(const char *name, const struct nm_wish *wish);

/*
 * Ring memory from the region, with buffers of its own or those of another ring.
 * Deleting frees num buffers, those named by the slots from first on.
 */
int nm_ring_create(struct nm_kring *kr, const struct nm_kring *same);
void nm_ring_delete(struct nm_kring *kr, u32 first, u32 num);

/*
 * nm_port_stop() stops all rings and wakes who waits there; any context.  Once
 * nm_port_quiesce() returns, no sync is under way either.
 */
void nm_port_stop(struct nm_port *port);
void nm_port_quiesce(struct nm_port *port);
void nm_port_stop_all(struct nm_region *region);
/* Visits the rings of a region that are in memory. */
typedef void nm_ring_visitor(struct nm_kring *kr, void *argument);
void nm_for_each_ring(struct nm_region *region, nm_ring_visitor *visit, void *argument);

/* ------------------------------------------------------------------ descriptors */

struct nm_csb;
struct nm_kloop;

/*
 * An open file.  lock serialises its control requests and is taken before
 * nm_lock; port is written last, when all that syncs need is in place.
 */
struct nm_priv {
	struct file *file;
	struct mutex lock;
	struct nm_port *port;
	struct nm_region *region;
	struct list_head node;		/* in region->privs */
	struct netmap_if *nifp;
	u64 nifp_offset;
	u64 flags;			/* of its REGISTER */
	u32 extra_bufs;
	u32 first_ring[NR_TXRX];
	u32 end_ring[NR_TXRX];

	struct nm_csb *csb;		/* not NULL: syncs are the loop's alone */
	struct nm_kloop *kloop;		/* lock; not NULL: it runs */
	bool kloop_stop;		/* lock; the next one ends at once */
	u32 kloops_ended;
	wait_queue_head_t kloop_wait;
};

/* The port, or NULL. */
static inline struct nm_port *nm_priv_port(const struct nm_priv *priv)
{
	/* Pairs with REGISTER: with all that was written before it. */
	return smp_load_acquire(&priv->port);
}

/* Rings of both directions. */
static inline u32 nm_priv_rings(const struct nm_priv *priv)
{
	return priv->end_ring[NR_TX] - priv->first_ring[NR_TX] +
	       priv->end_ring[NR_RX] - priv->first_ring[NR_RX];
}

/* The i-th of them: transmit rings first, as in control blocks. */
static inline struct nm_kring *nm_priv_ring(const struct nm_priv *priv,
					    struct nm_port *port, u32 i)
{
	u32 tx = priv->end_ring[NR_TX] - priv->first_ring[NR_TX];

	return i < tx ? &port->krings[NR_TX][priv->first_ring[NR_TX] + i] :
			&port->krings[NR_RX][priv->first_ring[NR_RX] + i - tx];
}

static inline bool nm_priv_csb(const struct nm_priv *priv)
{
	return READ_ONCE(priv->csb);
}

int nm_bind(struct nm_priv *priv, struct nm_port *port, u32 mode, u32 ringid,
	    u64 flags, u32 extra);
void nm_unbind(struct nm_priv *priv, struct nm_port *port);

/* Requests of NIOCCTRL, NIOCREGIF and NIOCGINFO. */
long nm_ctrl(struct nm_priv *priv, void __user *arg);
long nm_legacy(struct nm_priv *priv, unsigned int cmd, void __user *arg);

/* An element of nmreq_opt_sync_kloop_eventfds. */
struct nm_eventfds {
	s32 ioeventfd;
	s32 irqfd;
};

/* With priv->lock: pins and fills control blocks, and lets go of them. */
int nm_csb_enable(struct nm_priv *priv, struct nm_port *port, u64 atok, u64 ktoa);
void nm_csb_free(struct nm_priv *priv);
/* Serves the rings from the caller until nm_kloop_stop().  fds: NULL, or one per ring. */
int nm_kloop_run(struct nm_priv *priv, u32 sleep_us, const struct nm_eventfds *fds);
int nm_kloop_stop(struct nm_priv *priv);

/* The driver of memdevs: netmap_memdev.c. */
int nm_memdev_init(void);
void nm_memdev_exit(void);

#endif /* _NETMAP_KERN_H_ */
