// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * Ports of the host, passed through to this virtual machine.
 *
 * The rings are the host's own, in the memory of a memdev. The host serves them;
 * head, cur and tail cross by the CSB (docs/passthrough.md), with doorbells and
 * interrupts where one side sleeps. No slot or buffer is looked at here, and all
 * that the host says is checked before it is an index or an address.
 */

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "netmap_kern.h"
#include "ptnetmap_guest.h"

struct pt_ring {
	struct nm_kring *kring;
	struct nm_csb_atok *atok;
	const struct nm_csb_ktoa *ktoa;
	u32 head;		/* published last */
	u32 cur;
	u32 hwcur;		/* the host's, seen last */
};

struct netmap_pt_port {
	struct nm_port port;
	const struct netmap_pt_driver *driver;	/* nm_lock; NULL: detached */
	struct netmap_pt_geometry geometry;

	spinlock_t lock;	/* of live, against interrupts */
	bool live;		/* the rings are passed through */
	struct pt_ring ring[NETMAP_PT_MAX_RINGS];
};

static struct netmap_pt_port *pt_of(struct nm_port *port)
{
	return container_of(port, struct netmap_pt_port, port);
}

static unsigned int pt_num_rings(const struct netmap_pt_port *pt)
{
	return pt->geometry.tx_rings + pt->geometry.rx_rings;
}

static unsigned int pt_index(const struct nm_kring *kr)
{
	return kr->dir == NR_TX ? kr->id :
		kr->id + pt_of(kr->port)->geometry.tx_rings;
}

/* ---------------------------------------------------------------------- syncs */

/* The barriers are virt_: the other side runs beside this machine, not in it. */

static void pt_publish(struct pt_ring *ring, u32 head, u32 cur)
{
	WRITE_ONCE(ring->atok->cur, cur);
	/* After the slots, and cur, that it makes valid. */
	virt_store_release(&ring->atok->head, head);
	ring->head = head;
	ring->cur = cur;
	/* Before kern_need_kick is read: pairs with the host's before it sleeps. */
	virt_mb();
}

/* Takes over how far the host is, if that is possible at all. */
static int pt_look(struct pt_ring *ring)
{
	struct nm_kring *kr = ring->kring;
	u32 n = kr->num_slots;
	u32 hwtail, hwcur;

	/* Before the slots up to it. */
	hwtail = virt_load_acquire(&ring->ktoa->hwtail);
	hwcur = READ_ONCE(ring->ktoa->hwcur);
	if (hwtail >= n || hwcur >= n ||
	    nm_dist(kr->hwtail, hwtail, n) >
	    nm_dist(kr->hwtail, nm_prev(kr->rhead, n), n) ||
	    nm_dist(ring->hwcur, hwcur, n) >
	    nm_dist(ring->hwcur, kr->rhead, n)) {
		pr_err_ratelimited("netmap: %s: the host says that ring %u is at %u to %u, which cannot be\n",
				   netdev_name(kr->port->netdev), kr->id,
				   hwcur, hwtail);
		return -EIO;
	}
	kr->hwtail = hwtail;
	ring->hwcur = hwcur;
	return 0;
}

static bool pt_blocked(const struct nm_kring *kr)
{
	return kr->rcur == kr->hwtail;
}

static void pt_kick(const struct nm_kring *kr, struct pt_ring *ring, int flags)
{
	const struct netmap_pt_driver *driver = pt_of(kr->port)->driver;

	if (!READ_ONCE(ring->ktoa->kern_need_kick))
		return;
	WRITE_ONCE(ring->atok->sync_flags, flags);
	driver->kick(driver, pt_index(kr));
}

/* Whoever finds nothing may go to sleep: then the host must interrupt. */
static int pt_arm(struct pt_ring *ring)
{
	int err;

	WRITE_ONCE(ring->atok->appl_need_kick, 1);
	/* Pairs with the host's before it reads appl_need_kick. */
	virt_mb();
	err = pt_look(ring);
	if (!err && !pt_blocked(ring->kring))
		WRITE_ONCE(ring->atok->appl_need_kick, 0);
	return err;
}

/* Both directions are the same to the CSB. */
static int pt_sync(struct nm_kring *kr, int flags)
{
	struct pt_ring *ring = &pt_of(kr->port)->ring[pt_index(kr)];
	bool published = kr->rhead != ring->head;
	int err;

	WRITE_ONCE(ring->atok->appl_need_kick, 0);
	if (published || kr->rcur != ring->cur)
		pt_publish(ring, kr->rhead, kr->rcur);
	/* What has been published cannot be claimed again. */
	kr->hwcur = kr->rhead;
	err = pt_look(ring);
	if (err)
		return err;
	if (published || (pt_blocked(kr) && ring->hwcur != kr->rhead) ||
	    ((flags & NAF_FORCE_RECLAIM) &&
	     kr->hwtail != nm_prev(kr->rhead, kr->num_slots)))
		pt_kick(kr, ring, flags);
	return pt_blocked(kr) ? pt_arm(ring) : 0;
}

/* ------------------------------------------------------------ opening, closing */

/* Asks the host which rings it has. */
static int pt_prepare(struct nm_port *port)
{
	struct netmap_pt_port *pt = pt_of(port);
	struct netmap_pt_geometry *geometry = &pt->geometry;
	const char *name = netdev_name(port->netdev);
	struct nm_region *region;
	int err;

	err = pt->driver->control(pt->driver, NETMAP_PT_CONFIG);
	if (err == -ENXIO)
		pr_err_ratelimited("netmap: %s: its host is gone\n", name);
	else if (err)
		pr_err_ratelimited("netmap: %s: the host does not say which rings it has, error %d\n",
				   name, err);
	if (err)
		return err;
	pt->driver->geometry(pt->driver, geometry);
	if (geometry->tx_rings > NETMAP_PT_MAX_RINGS ||
	    geometry->rx_rings > NETMAP_PT_MAX_RINGS ||
	    pt_num_rings(pt) == 0 || pt_num_rings(pt) > NETMAP_PT_MAX_RINGS) {
		pr_err_ratelimited("netmap: %s: the host claims %u + %u rings\n", name,
				   geometry->tx_rings, geometry->rx_rings);
		return -EPROTO;
	}
	region = nm_region_by_hostid(geometry->mem_id);
	if (!region) {
		pr_err_ratelimited("netmap: %s: its memory, region %u of the host, is not here: no memdev of that number\n",
				   name, geometry->mem_id);
		return -ENXIO;
	}
	nm_port_set_region(port, region);
	nm_region_put(region);
	err = nm_port_set_rings(port, geometry->tx_rings, geometry->rx_rings,
				geometry->tx_slots, geometry->rx_slots);
	if (!err)
		WRITE_ONCE(port->gone, false);
	return err;
}

/* Where the host's table says that a ring is, relative to its netmap_if. */
static bool pt_ring_offset(struct netmap_pt_port *pt, u64 entry, s64 *offset)
{
	struct nm_region *region = pt->port.region;
	u64 at = pt->geometry.nifp_offset + offsetof(struct netmap_if, ring_ofs) +
		entry * sizeof(ssize_t);

	if (pt->geometry.nifp_offset >= region->external_size ||
	    at > region->external_size - sizeof(ssize_t) || at % sizeof(ssize_t))
		return false;
	*offset = READ_ONCE(*(ssize_t *)nm_region_address(region, at));
	return true;
}

/* Points a kring at the host's ring, unless something there contradicts. */
static bool pt_find_ring(struct netmap_pt_port *pt, struct nm_kring *kr, u64 entry)
{
	struct nm_region *region = pt->port.region;
	u64 size = sizeof(struct netmap_ring) +
		(u64)kr->num_slots * sizeof(struct netmap_slot);
	struct netmap_ring *ring;
	s64 relative;
	u64 offset;

	if (!pt_ring_offset(pt, entry, &relative))
		return false;
	offset = pt->geometry.nifp_offset + relative;
	if (offset % NM_CACHE_ALIGN || size > region->external_size ||
	    offset > region->external_size - size)
		return false;
	ring = nm_region_address(region, offset);
	if (READ_ONCE(ring->num_slots) != kr->num_slots ||
	    READ_ONCE(ring->nr_buf_size) != region->pool[NM_BUF_POOL].objsize ||
	    READ_ONCE(ring->buf_ofs) + offset != region->pool[NM_BUF_POOL].offset)
		return false;
	kr->ring = ring;
	kr->ring_offset = offset;
	return true;
}

static bool pt_find_rings(struct netmap_pt_port *pt)
{
	struct nm_region *region = pt->port.region;
	const struct netmap_if *nifp;
	u32 tx_rings, host_tx_rings, i;

	if (pt->geometry.nifp_offset >= region->external_size ||
	    region->external_size - pt->geometry.nifp_offset < sizeof(*nifp) ||
	    pt->geometry.nifp_offset % sizeof(u64))
		return false;
	nifp = nm_region_address(region, pt->geometry.nifp_offset);
	tx_rings = READ_ONCE(nifp->ni_tx_rings);
	host_tx_rings = READ_ONCE(nifp->ni_host_tx_rings);
	if (tx_rings != pt->geometry.tx_rings ||
	    READ_ONCE(nifp->ni_rx_rings) != pt->geometry.rx_rings)
		return false;
	for (i = 0; i < pt->geometry.tx_rings; i++)
		if (!pt_find_ring(pt, &pt->port.krings[NR_TX][i], i))
			return false;
	for (i = 0; i < pt->geometry.rx_rings; i++)
		if (!pt_find_ring(pt, &pt->port.krings[NR_RX][i],
				  (u64)tx_rings + host_tx_rings + i))
			return false;
	return true;
}

/* Takes a ring over from where the host's own use of it ended. */
static bool pt_start_ring(struct pt_ring *ring, struct nm_kring *kr)
{
	u32 head = READ_ONCE(ring->atok->head);
	u32 hwtail = READ_ONCE(ring->ktoa->hwtail);

	if (head >= kr->num_slots || hwtail >= kr->num_slots)
		return false;
	ring->kring = kr;
	ring->head = head;
	ring->cur = head;
	ring->hwcur = head;
	nm_kring_reset(kr, head, hwtail);
	return true;
}

static bool pt_start_rings(struct netmap_pt_port *pt)
{
	unsigned int i;
	u32 tx = pt->geometry.tx_rings;

	for (i = 0; i < pt_num_rings(pt); i++)
		if (!pt_start_ring(&pt->ring[i], i < tx ?
				   &pt->port.krings[NR_TX][i] :
				   &pt->port.krings[NR_RX][i - tx]))
			return false;
	return true;
}

static void pt_set_live(struct netmap_pt_port *pt, bool live)
{
	spin_lock_irq(&pt->lock);
	pt->live = live;
	spin_unlock_irq(&pt->lock);
}

static int pt_open(struct nm_port *port)
{
	struct netmap_pt_port *pt = pt_of(port);
	const char *name = netdev_name(port->netdev);
	int err;

	if (!pt_find_rings(pt)) {
		pr_err_ratelimited("netmap: %s: the rings in region %u are not those that the host describes\n",
				   name, pt->geometry.mem_id);
		return -EPROTO;
	}
	err = pt->driver->control(pt->driver, NETMAP_PT_REGIF);
	if (err) {
		pr_err_ratelimited("netmap: %s: the host does not pass its rings through, error %d\n",
				   name, err);
		return err;
	}
	if (!pt_start_rings(pt)) {
		pr_err_ratelimited("netmap: %s: the host left impossible indices in the CSB\n",
				   name);
		pt->driver->control(pt->driver, NETMAP_PT_UNREGIF);
		return -EPROTO;
	}
	pt_set_live(pt, true);
	return 0;
}

static void pt_close(struct nm_port *port)
{
	struct netmap_pt_port *pt = pt_of(port);

	pt_set_live(pt, false);
	if (pt->driver)
		pt->driver->control(pt->driver, NETMAP_PT_UNREGIF);
}

static void pt_destroy(struct nm_port *port)
{
	nm_port_free(port);
	kfree(pt_of(port));
}

static const struct nm_port_ops pt_port_ops = {
	.prepare = pt_prepare,
	.open = pt_open,
	.close = pt_close,
	.destroy = pt_destroy,
	.txsync = pt_sync,
	.rxsync = pt_sync,
};

/* ----------------------------------------------------------------- the driver's */

static void pt_interrupt(struct netmap_pt_port *pt, unsigned int index)
{
	unsigned long flags;

	spin_lock_irqsave(&pt->lock, flags);
	if (pt->live && index < pt_num_rings(pt))
		nm_kring_notify(pt->ring[index].kring);
	spin_unlock_irqrestore(&pt->lock, flags);
}

static void pt_gone(struct netmap_pt_port *pt)
{
	unsigned long flags;

	spin_lock_irqsave(&pt->lock, flags);
	if (pt->live)
		nm_port_stop(&pt->port);
	spin_unlock_irqrestore(&pt->lock, flags);
}

static void pt_detach(struct netmap_pt_port *pt)
{
	mutex_lock(&nm_lock);
	nm_port_stop(&pt->port);
	pt_set_live(pt, false);
	nm_port_remove(&pt->port);
	nm_port_quiesce(&pt->port);
	pt->driver = NULL;
	nm_port_put(&pt->port);
	mutex_unlock(&nm_lock);
}

static const struct netmap_pt_port_ops pt_driver_ops = {
	.interrupt = pt_interrupt,
	.gone = pt_gone,
	.detach = pt_detach,
};

int netmap_pt_attach(const struct netmap_pt_driver *driver,
		     struct netmap_pt_port **port,
		     const struct netmap_pt_port_ops **ops)
{
	struct netmap_pt_port *pt;
	unsigned int i;

	if (driver->version != NETMAP_PT_VERSION) {
		pr_err("netmap: the NIC's driver and this module are not of one release (versions %u, %u)\n",
		       driver->version, NETMAP_PT_VERSION);
		return -EPROTO;
	}
	pt = kzalloc(sizeof(*pt), GFP_KERNEL);
	if (!pt)
		return -ENOMEM;
	pt->driver = driver;
	spin_lock_init(&pt->lock);
	for (i = 0; i < NETMAP_PT_MAX_RINGS; i++) {
		pt->ring[i].atok = (struct nm_csb_atok *)driver->csb + i;
		pt->ring[i].ktoa = driver->csb + NETMAP_PT_CSB_KTOA +
			i * sizeof(struct nm_csb_ktoa);
	}
	nm_port_init(&pt->port, &pt_port_ops, driver->netdev->name, NULL);
	pt->port.netdev = driver->netdev;
	*ops = &pt_driver_ops;
	/* Interrupts that find the port call for it by these. */
	smp_store_release(port, pt);
	mutex_lock(&nm_lock);
	nm_port_add(&pt->port);
	mutex_unlock(&nm_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(netmap_pt_attach);
