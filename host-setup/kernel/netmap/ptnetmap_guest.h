/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What a network driver and netmap.ko tell each other about a port that the
 * hypervisor passes through. The two modules are built apart: the driver finds
 * netmap_pt_attach() by symbol_get() and works as ever where it is missing.
 */
#ifndef _PTNETMAP_GUEST_H_
#define _PTNETMAP_GUEST_H_

#include <linux/types.h>

#include <net/netmap.h>

struct net_device;
struct netmap_pt_port;

/* Changes with anything in this header. */
#define NETMAP_PT_VERSION	1

/* Commands for netmap_pt_driver.control, as the device numbers them. */
#define NETMAP_PT_CONFIG	1
#define NETMAP_PT_REGIF		10
#define NETMAP_PT_UNREGIF	11

/* Most rings of both directions together. */
#define NETMAP_PT_MAX_RINGS	32

/* The CSB: a page of struct nm_csb_atok, then a page of struct nm_csb_ktoa. */
#define NETMAP_PT_CSB_SIZE	8192
#define NETMAP_PT_CSB_KTOA	4096

/* Geometry of the host's port. */
struct netmap_pt_geometry {
	u64 nifp_offset;	/* of its netmap_if in the region, bytes */
	u32 mem_id;		/* the region, as memdev calls it */
	u32 tx_rings;
	u32 rx_rings;
	u32 tx_slots;		/* per ring */
	u32 rx_slots;
};

/* What a driver offers. Valid until netmap_pt_port_ops.detach() returns. */
struct netmap_pt_driver {
	u32 version;		/* NETMAP_PT_VERSION */
	struct net_device *netdev;
	void *csb;		/* NETMAP_PT_CSB_SIZE bytes, write-back */

	/* Runs a command; 0 or a negative errno. May sleep, serialised by netmap. */
	int (*control)(const struct netmap_pt_driver *driver, u32 command);
	/* Asks the device for its present geometry. May sleep. */
	void (*geometry)(const struct netmap_pt_driver *driver,
			 struct netmap_pt_geometry *geometry);
	/* Wakes the host for a ring: transmit rings first. Any context. */
	void (*kick)(const struct netmap_pt_driver *driver, unsigned int ring);
};

/* What the driver calls in return. */
struct netmap_pt_port_ops {
	/* The host has news for a ring. Any context. */
	void (*interrupt)(struct netmap_pt_port *port, unsigned int ring);
	/* The host is gone for good: users get errors from now on. Any context. */
	void (*gone)(struct netmap_pt_port *port);
	/*
	 * Takes the port back. Its users get errors; when this returns, no
	 * function of the driver runs nor will be called. May sleep.
	 */
	void (*detach)(struct netmap_pt_port *port);
};

/*
 * Makes an interface a port of netmap, as soon as it is registered. Stores the
 * port and what to call for it before any user can open it. 0 or a negative
 * errno: -EPROTO if the modules are of different versions. May sleep.
 */
int netmap_pt_attach(const struct netmap_pt_driver *driver,
		     struct netmap_pt_port **port,
		     const struct netmap_pt_port_ops **ops);

#endif /* _PTNETMAP_GUEST_H_ */
