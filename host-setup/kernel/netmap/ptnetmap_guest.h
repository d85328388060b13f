/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * How the driver of a NIC that passes a host's netmap port through gives that
 * port to netmap.  The functions are in netmap.ko; a driver that must do
 * without it finds them by symbol_get().
 *
 * docs/passthrough.md has the commands, the control blocks and their ordering.
 */
#ifndef _PTNETMAP_GUEST_H_
#define _PTNETMAP_GUEST_H_

#include <linux/netdevice.h>
#include <linux/types.h>

#include <net/netmap.h>

struct module;
struct netmap_pt_port;

/* Commands for netmap_pt_ops.ctl: what the NIC's PTCTL register takes. */
#define NETMAP_PT_CONFIG	1
#define NETMAP_PT_REGIF		10
#define NETMAP_PT_UNREGIF	11
#define NETMAP_PT_HOSTMEMID	12

/**
 * struct netmap_pt_ops - what the driver does for netmap
 * @owner: the driver
 * @ctl: has the device carry out a NETMAP_PT_ command.  0, or a negative errno.
 *	Called in process context, may sleep; never two calls at a time.
 * @kick: rings the doorbell of a ring.  Called in any context.
 * @irq: has interrupts of a ring delivered, or not.  Process context, may sleep;
 *	off waits until a handler that runs has ended.
 *
 * Rings are numbered as in the control blocks: transmit rings first.
 */
struct netmap_pt_ops {
	struct module *owner;
	int (*ctl)(void *priv, u32 cmd);
	void (*kick)(void *priv, unsigned int ring);
	void (*irq)(void *priv, unsigned int ring, bool on);
};

/**
 * struct netmap_pt_info - a port that can be had
 * @size: sizeof(struct netmap_pt_info) as the driver was compiled
 * @ops: the driver's functions
 * @priv: their first argument
 * @netdev: the port's name in netmap is this interface's
 * @host_memid: region that has the port's rings, as the memdev names it
 * @nifp_offset: of the port's netmap_if in that region
 * @num_tx_rings: transmit rings
 * @num_rx_rings: receive rings
 * @num_tx_slots: of each transmit ring
 * @num_rx_slots: of each receive ring
 * @atok: control blocks that the guest writes, one for each ring
 * @ktoa: control blocks that the host writes
 *
 * The geometry is of the time of attaching.  The blocks are ordinary, cacheable
 * memory that stays mapped until netmap_pt_detach() returns.
 */
struct netmap_pt_info {
	size_t size;
	const struct netmap_pt_ops *ops;
	void *priv;
	struct net_device *netdev;
	u32 host_memid;
	u64 nifp_offset;
	u32 num_tx_rings;
	u32 num_rx_rings;
	u32 num_tx_slots;
	u32 num_rx_slots;
	struct nm_csb_atok *atok;
	const struct nm_csb_ktoa *ktoa;
};

/**
 * netmap_pt_attach() - make a port known to netmap
 * @info: copied; what it points to must live until netmap_pt_detach() returns
 *
 * Process context, may sleep.  Return: the port, or an ERR_PTR(): EINVAL where
 * @info makes no sense, EEXIST, ENOMEM.  The region may become known later.
 */
struct netmap_pt_port *netmap_pt_attach(const struct netmap_pt_info *info);

/**
 * netmap_pt_detach() - take a port away, in use or not
 *
 * Its users' rings stop (EIO, POLLERR), the device is given UNREGIF if it needs
 * it, and when this returns none of the driver's functions is running nor will
 * be called.  Process context, may sleep; not from within ops.
 */
void netmap_pt_detach(struct netmap_pt_port *port);

/**
 * netmap_pt_irq() - the host moved something in a ring
 *
 * Wakes who waits for it.  Any context.
 */
void netmap_pt_irq(struct netmap_pt_port *port, unsigned int ring);

/**
 * netmap_pt_gone() - the host is gone for good (PTSTATE 2)
 *
 * Users' rings stop (EIO, POLLERR), nobody can open the port any more, the
 * device gets no further command or kick.  Any context; netmap_pt_detach() is
 * due none the less.
 */
void netmap_pt_gone(struct netmap_pt_port *port);

#endif /* _PTNETMAP_GUEST_H_ */
