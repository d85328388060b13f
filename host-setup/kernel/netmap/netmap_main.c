// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* /dev/netmap: open, map, sync, poll, close. */

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat.h"
#include "netmap_kern.h"

DEFINE_MUTEX(nm_lock);

/* ------------------------------------------------------------------- binding */

static int nm_select_rings(struct nm_priv *priv, const struct nm_port *port, u32 mode,
			   u32 ringid, u64 flags)
{
	enum txrx t;

	for (t = 0; t < NR_TXRX; t++) {
		u32 n = port->num_rings[t];

		switch (mode) {
		case NR_REG_ALL_NIC:
		case NR_REG_NULL:
			priv->first_ring[t] = 0;
			priv->end_ring[t] = n;
			break;
		case NR_REG_ONE_NIC:
			if (ringid >= port->num_rings[NR_TX] &&
			    ringid >= port->num_rings[NR_RX])
				return -EINVAL;
			priv->first_ring[t] = ringid < n ? ringid : 0;
			priv->end_ring[t] = min(priv->first_ring[t] + 1, n);
			break;
		default:
			/* There are no host rings. */
			return -EINVAL;
		}
	}
	if (flags & NR_RX_RINGS_ONLY)
		priv->end_ring[NR_TX] = priv->first_ring[NR_TX];
	if (flags & NR_TX_RINGS_ONLY)
		priv->end_ring[NR_RX] = priv->first_ring[NR_RX];
	return 0;
}

static struct nm_kring *nm_kring_of(struct nm_port *port, enum txrx t, u32 i)
{
	return &port->krings[t][i];
}

static bool nm_rings_taken(const struct nm_priv *priv, struct nm_port *port)
{
	enum txrx t;
	u32 i;

	for (t = 0; t < NR_TXRX; t++) {
		for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++) {
			struct nm_kring *kr = nm_kring_of(port, t, i);

			if (kr->exclusive || ((priv->flags & NR_EXCLUSIVE) && kr->users))
				return true;
		}
	}
	return false;
}

static int nm_create_rings(const struct nm_priv *priv, struct nm_port *port)
{
	enum txrx t;
	u32 i;
	int err;

	for (t = 0; t < NR_TXRX; t++) {
		for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++) {
			struct nm_kring *kr = nm_kring_of(port, t, i);

			if (kr->ring)
				continue;
			err = nm_ring_create(kr, NULL);
			if (err)
				return err;
		}
	}
	return 0;
}

static void nm_count_rings(const struct nm_priv *priv, struct nm_port *port, int delta)
{
	enum txrx t;
	u32 i;

	for (t = 0; t < NR_TXRX; t++) {
		for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++) {
			struct nm_kring *kr = nm_kring_of(port, t, i);

			kr->users += delta;
			kr->exclusive = delta > 0 && (priv->flags & NR_EXCLUSIVE);
		}
	}
}

static void nm_delete_unused_rings(struct nm_port *port)
{
	enum txrx t;
	u32 i;

	for (t = 0; t < NR_TXRX; t++) {
		for (i = 0; i < port->num_rings[t]; i++) {
			struct nm_kring *kr = nm_kring_of(port, t, i);

			if (kr->ring && !kr->users)
				nm_ring_delete(kr, 0, kr->num_slots);
		}
	}
}

/* There is a place for one host ring in each direction, always empty. */
static int nm_create_if(struct nm_priv *priv, struct nm_port *port)
{
	struct nm_region *region = port->region;
	u32 tx = port->num_rings[NR_TX], rx = port->num_rings[NR_RX];
	u32 table[NR_TXRX] = { [NR_TX] = 0, [NR_RX] = tx + 1 };
	struct netmap_if *nifp;
	enum txrx t;
	u32 i;

	if (struct_size(nifp, ring_ofs, tx + rx + 2) > region->pool[NM_IF_POOL].objsize ||
	    nm_alloc_object(region, NM_IF_POOL, &i))
		return -ENOMEM;
	priv->nifp_offset = nm_object_offset(region, NM_IF_POOL, i);
	nifp = nm_region_address(region, priv->nifp_offset);
	memset(nifp, 0, region->pool[NM_IF_POOL].objsize);
	strscpy(nifp->ni_name, port->netdev ? port->netdev->name : port->name,
		sizeof(nifp->ni_name));
	nifp->ni_flags = region->private ? NI_PRIV_MEM : 0;
	nifp->ni_tx_rings = tx;
	nifp->ni_rx_rings = rx;
	nifp->ni_host_tx_rings = 1;
	nifp->ni_host_rx_rings = 1;
	for (t = 0; t < NR_TXRX; t++)
		for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++)
			nifp->ring_ofs[table[t] + i] =
				nm_kring_of(port, t, i)->ring_offset - priv->nifp_offset;
	priv->nifp = nifp;
	return 0;
}

static void nm_delete_if(struct nm_priv *priv, struct nm_region *region)
{
	const struct nm_pool *ifs = &region->pool[NM_IF_POOL];

	nm_free_extra(region, READ_ONCE(priv->nifp->ni_bufs_head));
	region->quota -= priv->extra_bufs;
	nm_free_object(region, NM_IF_POOL,
		       div_u64(priv->nifp_offset - ifs->offset, ifs->objsize));
	priv->nifp = NULL;
}

int nm_bind(struct nm_priv *priv, struct nm_port *port, u32 mode, u32 ringid,
	    u64 flags, u32 extra)
{
	struct nm_region *region = port->region;
	int err;

	lockdep_assert_held(&nm_lock);
	priv->flags = flags;
	err = nm_select_rings(priv, port, mode, ringid, flags);
	if (err)
		return err;
	if (nm_rings_taken(priv, port))
		return -EBUSY;
	err = nm_region_start(region);
	if (err)
		return err;
	if (!port->users && port->ops->open) {
		err = port->ops->open(port);
		if (err) {
			nm_region_stop(region);
			return err;
		}
	}
	port->users++;
	priv->region = region;
	list_add(&priv->node, &region->privs);
	nm_count_rings(priv, port, 1);
	nm_port_get(port);

	if (!port->ops->open)
		err = nm_create_rings(priv, port);
	if (!err)
		err = nm_create_if(priv, port);
	if (err) {
		nm_unbind(priv, port);
		return err;
	}
	priv->extra_bufs = nm_alloc_extra(region, extra, &priv->nifp->ni_bufs_head);
	return 0;
}

void nm_unbind(struct nm_priv *priv, struct nm_port *port)
{
	struct nm_region *region = priv->region;

	lockdep_assert_held(&nm_lock);
	nm_count_rings(priv, port, -1);
	port->users--;
	if (!port->users && port->ops->close)
		port->ops->close(port);
	if (!port->ops->open)
		nm_delete_unused_rings(port);
	if (priv->nifp)
		nm_delete_if(priv, region);
	list_del(&priv->node);
	priv->region = NULL;
	nm_region_stop(region);
	nm_port_put(port);
}

/* ----------------------------------------------------------------------- syncs */

/* EIO where a ring is stopped; violations are repaired and not reported. */
static long nm_ioctl_sync(struct nm_priv *priv, enum txrx t)
{
	struct nm_port *port = nm_priv_port(priv);
	long ret = 0;
	u32 i;

	if (!port)
		return -ENXIO;
	if (nm_priv_csb(priv))
		return -EBUSY;
	for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++) {
		int err = nm_kring_sync(nm_kring_of(port, t, i),
					t == NR_TX ? NAF_FORCE_RECLAIM : NAF_FORCE_READ);

		if (err == -EIO)
			ret = err;
		cond_resched();
	}
	return ret;
}

static wait_queue_head_t *nm_poll_queue(const struct nm_priv *priv, struct nm_port *port,
					enum txrx t)
{
	u32 n = priv->end_ring[t] - priv->first_ring[t];

	return n == 1 ? &nm_kring_of(port, t, priv->first_ring[t])->wait : &port->wait[t];
}

static __poll_t nm_poll_rings(struct nm_priv *priv, struct nm_port *port, enum txrx t,
			      int flags)
{
	__poll_t ready = t == NR_TX ? EPOLLOUT | EPOLLWRNORM : EPOLLIN | EPOLLRDNORM;
	__poll_t revents = 0;
	u32 i;

	for (i = priv->first_ring[t]; i < priv->end_ring[t]; i++) {
		struct nm_kring *kr = nm_kring_of(port, t, i);
		int err = nm_kring_sync(kr, flags);

		if (err && err != -EBUSY)
			revents |= EPOLLERR;
		if (err != -EIO && err != -EBUSY &&
		    READ_ONCE(kr->rcur) != READ_ONCE(kr->rtail))
			revents |= ready;
	}
	return revents;
}

static __poll_t nm_poll(struct file *file, poll_table *wait)
{
	struct nm_priv *priv = file->private_data;
	struct nm_port *port = nm_priv_port(priv);
	__poll_t events = poll_requested_events(wait);
	bool want_tx = events & (EPOLLOUT | EPOLLWRNORM);
	bool want_rx = events & (EPOLLIN | EPOLLRDNORM);
	__poll_t revents = 0;
	enum txrx t;

	if (!port || nm_priv_csb(priv))
		return EPOLLERR;
	for (t = 0; t < NR_TXRX; t++)
		poll_wait(file, nm_poll_queue(priv, port, t), wait);
	/* In the queue before rings are looked at: pairs with nm_kring_wake(). */
	smp_mb();

	if (want_tx || !(priv->flags & NR_NO_TX_POLL))
		revents |= nm_poll_rings(priv, port, NR_TX, want_tx ? 0 : NM_IF_NEWS);
	if (want_rx)
		revents |= nm_poll_rings(priv, port, NR_RX, 0);
	if (READ_ONCE(port->gone))
		revents |= EPOLLERR;
	return revents & (events | EPOLLERR);
}

/* --------------------------------------------------------------------- mapping */

static vm_fault_t nm_fault(struct vm_fault *vmf)
{
	struct nm_priv *priv = vmf->vma->vm_file->private_data;

	return nm_region_fault(priv->region, vmf);
}

static const struct vm_operations_struct nm_vm_ops = {
	.fault = nm_fault,
};

/*
 * The mapping holds the file, so that the descriptor stays bound, and the region
 * in use, as long as there is a mapping.
 */
static int nm_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct nm_priv *priv = file->private_data;
	struct nm_region *region;

	if (!nm_priv_port(priv))
		return -EINVAL;
	region = priv->region;
	if (vma->vm_pgoff > region->size >> PAGE_SHIFT ||
	    vma_pages(vma) > (region->size >> PAGE_SHIFT) - vma->vm_pgoff)
		return -EINVAL;
	if (region->hostid) {
		/* There are no pages to copy on write. */
		if (!(vma->vm_flags & VM_SHARED))
			return -EINVAL;
		vm_flags_set(vma, VM_PFNMAP);
	}
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &nm_vm_ops;
	return 0;
}

/* ---------------------------------------------------------------------- device */

static long nm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct nm_priv *priv = file->private_data;

	switch (cmd) {
	case NIOCTXSYNC:
		return nm_ioctl_sync(priv, NR_TX);
	case NIOCRXSYNC:
		return nm_ioctl_sync(priv, NR_RX);
	case NIOCCTRL:
		return arg ? nm_ctrl(priv, (void __user *)arg) : -EINVAL;
	case NIOCREGIF:
	case NIOCGINFO:
		return arg ? nm_legacy(priv, cmd, (void __user *)arg) : -EINVAL;
	case NIOCCONFIG:
		/* For switches that have a hook for it. */
		return -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
}

static int nm_open(struct inode *inode, struct file *file)
{
	struct nm_priv *priv = kzalloc(sizeof(*priv), GFP_KERNEL_ACCOUNT);

	if (!priv)
		return -ENOMEM;
	priv->file = file;
	mutex_init(&priv->lock);
	init_waitqueue_head(&priv->kloop_wait);
	file->private_data = priv;
	return nonseekable_open(inode, file);
}

/* The last reference is gone: nobody maps, syncs, polls or runs a loop here. */
static int nm_release(struct inode *inode, struct file *file)
{
	struct nm_priv *priv = file->private_data;

	nm_csb_free(priv);
	if (priv->port) {
		mutex_lock(&nm_lock);
		nm_unbind(priv, priv->port);
		mutex_unlock(&nm_lock);
	}
	kfree(priv);
	return 0;
}

static const struct file_operations nm_fops = {
	.owner = THIS_MODULE,
	.open = nm_open,
	.release = nm_release,
	.unlocked_ioctl = nm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = nm_poll,
	.mmap = nm_mmap,
};

static struct miscdevice nm_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "netmap",
	.mode = 0600,
	.fops = &nm_fops,
};

static int __init nm_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct netmap_if) != 56);
	BUILD_BUG_ON(sizeof(struct netmap_ring) != 256);
	BUILD_BUG_ON(sizeof(struct netmap_slot) != 16);

	err = nm_mem_init();
	if (err)
		return err;
	err = nm_memdev_init();
	if (err)
		goto mem;
	err = misc_register(&nm_device);
	if (err)
		goto memdev;
	return 0;

memdev:
	nm_memdev_exit();
mem:
	nm_mem_exit();
	return err;
}

static void __exit nm_exit(void)
{
	misc_deregister(&nm_device);
	nm_memdev_exit();
	nm_mem_exit();
}

module_init(nm_init);
module_exit(nm_exit);

MODULE_DESCRIPTION("netmap: packet rings in shared memory, passed-through ports and pipes");
MODULE_LICENSE("Dual BSD/GPL");
