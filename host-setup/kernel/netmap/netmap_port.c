// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Rings and ports: what all kinds have in common, and the kinds without traffic. */

#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/wait_bit.h>
#include <net/net_namespace.h>

#include "netmap_kern.h"

static bool nm_no_timestamp;
module_param_named(no_timestamp, nm_no_timestamp, bool, 0644);
MODULE_PARM_DESC(no_timestamp, "receive syncs stamp only rings that ask for it");

static LIST_HEAD(nm_ports);

/* ----------------------------------------------------------------- one sync */

int nm_kring_tryget(struct nm_kring *kr)
{
	if (test_bit(NM_KR_STOPPED, &kr->state))
		return -EIO;
	if (test_and_set_bit_lock(NM_KR_BUSY, &kr->state)) {
		set_bit(NM_KR_MISSED, &kr->state);
		/* Who has it may have put it before he could see that. */
		smp_mb__after_atomic();
		if (test_and_set_bit_lock(NM_KR_BUSY, &kr->state))
			return -EBUSY;
	}
	/* Pairs with the barrier in nm_kring_stop(). */
	smp_mb__after_atomic();
	if (test_bit(NM_KR_STOPPED, &kr->state)) {
		nm_kring_put(kr);
		return -EIO;
	}
	return 0;
}

void nm_kring_put(struct nm_kring *kr)
{
	clear_bit_unlock(NM_KR_BUSY, &kr->state);
	/* Pairs with the barriers in nm_kring_tryget() and nm_kring_stop(). */
	smp_mb__after_atomic();
	if (test_bit(NM_KR_STOPPED, &kr->state))
		wake_up_bit(&kr->state, NM_KR_BUSY);
	if (test_bit(NM_KR_MISSED, &kr->state) &&
	    test_and_clear_bit(NM_KR_MISSED, &kr->state))
		nm_kring_notify(kr);
}

static void nm_kring_wake(struct nm_kring *kr, __poll_t events)
{
	wait_queue_head_t *all = &kr->port->wait[kr->dir];

	/* What was published is visible before it is looked who waits for it. */
	if (wq_has_sleeper(&kr->wait))
		wake_up_poll(&kr->wait, events);
	if (wq_has_sleeper(all))
		wake_up_poll(all, events);
}

void nm_kring_notify(struct nm_kring *kr)
{
	nm_kring_wake(kr, kr->dir == NR_TX ? EPOLLOUT | EPOLLWRNORM :
					     EPOLLIN | EPOLLRDNORM);
}

bool nm_kring_accept(struct nm_kring *kr, u32 head, u32 cur)
{
	u32 n = kr->num_slots;
	u32 from = kr->dir == NR_TX ? kr->rhead : kr->hwcur;
	u32 to = kr->dir == NR_TX ? kr->rtail : kr->hwtail;

	if (head >= n || cur >= n ||
	    nm_dist(from, head, n) > nm_dist(from, cur, n) ||
	    nm_dist(from, cur, n) > nm_dist(from, to, n))
		return false;
	kr->rhead = head;
	kr->rcur = cur;
	return true;
}

void nm_kring_reset(struct nm_kring *kr, u32 head, u32 tail)
{
	kr->hwcur = head;
	kr->rhead = head;
	kr->rcur = head;
	kr->hwtail = tail;
	kr->rtail = tail;
	kr->peer_tail = tail;
	WRITE_ONCE(kr->ring->head, head);
	WRITE_ONCE(kr->ring->cur, head);
	WRITE_ONCE(kr->ring->tail, tail);
}

void nm_kring_reinit(struct nm_kring *kr)
{
	const struct nm_pool *bufs = &kr->port->region->pool[NM_BUF_POOL];
	u32 i;

	for (i = 0; i < kr->num_slots; i++) {
		struct netmap_slot *slot = &kr->ring->slot[i];
		u32 index = READ_ONCE(slot->buf_idx);

		if (index < NM_FIRST_BUF || index >= bufs->objtotal) {
			WRITE_ONCE(slot->buf_idx, 0);
			WRITE_ONCE(slot->len, 0);
		} else if (READ_ONCE(slot->len) > bufs->objsize) {
			WRITE_ONCE(slot->len, 0);
		}
	}
	kr->rhead = kr->hwcur;
	kr->rcur = kr->hwcur;
	kr->rtail = kr->hwtail;
	WRITE_ONCE(kr->ring->head, kr->hwcur);
	WRITE_ONCE(kr->ring->cur, kr->hwcur);
	WRITE_ONCE(kr->ring->tail, kr->hwtail);
}

static void nm_kring_stamp(struct nm_kring *kr)
{
	struct timespec64 now;

	if (nm_no_timestamp && !(READ_ONCE(kr->ring->flags) & NR_TIMESTAMP))
		return;
	ktime_get_real_ts64(&now);
	kr->ring->ts.tv_sec = now.tv_sec;
	kr->ring->ts.tv_usec = now.tv_nsec / NSEC_PER_USEC;
}

int nm_kring_sync(struct nm_kring *kr, int flags)
{
	const struct nm_port_ops *ops = kr->port->ops;
	struct netmap_ring *ring = kr->ring;
	u32 head, cur;
	int err, ret;

	ret = nm_kring_tryget(kr);
	if (ret)
		return ret;

	/* Slots are read after the index that gives them to the kernel. */
	head = smp_load_acquire(&ring->head);
	cur = READ_ONCE(ring->cur);
	if ((flags & NM_IF_NEWS) && head == kr->hwcur)
		goto out;
	if (!nm_kring_accept(kr, head, cur)) {
		nm_kring_reinit(kr);
		ret = -EINVAL;
		if (kr->dir == NR_TX)
			goto out;
	}
	err = kr->dir == NR_TX ? ops->txsync(kr, flags) : ops->rxsync(kr, flags);
	if (err) {
		ret = err;
		goto out;
	}
	kr->rtail = kr->hwtail;
	if (kr->dir == NR_RX)
		nm_kring_stamp(kr);
	/* Slots are complete before they are the user's. */
	smp_store_release(&ring->tail, kr->rtail);
out:
	nm_kring_put(kr);
	return ret;
}

static void nm_kring_stop(struct nm_kring *kr)
{
	set_bit(NM_KR_STOPPED, &kr->state);
	/* Pairs with the barriers in nm_kring_tryget() and nm_kring_put(). */
	smp_mb__after_atomic();
	nm_kring_wake(kr, EPOLLERR);
}

/* --------------------------------------------------------------- ring memory */

void nm_kring_owned(const struct nm_kring *kr, u32 *first, u32 *num)
{
	u32 n = kr->num_slots;

	*first = READ_ONCE(kr->hwcur);
	if (!kr->peer)
		*num = n;
	else if (kr->dir == NR_RX)
		*num = nm_dist(*first, READ_ONCE(kr->peer->hwcur), n);
	else
		*num = n - nm_dist(READ_ONCE(kr->peer->hwcur), *first, n);
}

int nm_ring_create(struct nm_kring *kr, const struct nm_kring *same)
{
	struct nm_region *region = kr->port->region;
	const struct nm_pool *bufs = &region->pool[NM_BUF_POOL];
	u32 i, n = kr->num_slots, index;
	struct netmap_ring *ring;

	if (struct_size(ring, slot, n) > region->pool[NM_RING_POOL].objsize ||
	    (!same && bufs->objfree < n) ||
	    nm_alloc_object(region, NM_RING_POOL, &index))
		return -ENOMEM;

	kr->ring_offset = nm_object_offset(region, NM_RING_POOL, index);
	ring = nm_region_address(region, kr->ring_offset);
	memset(ring, 0, sizeof(*ring));
	ring->buf_ofs = bufs->offset - kr->ring_offset;
	ring->num_slots = n;
	ring->nr_buf_size = bufs->objsize;
	ring->ringid = kr->id;
	ring->dir = kr->dir;
	for (i = 0; i < n; i++) {
		struct netmap_slot slot = { .len = min_t(u32, bufs->objsize, U16_MAX) };

		if (same)
			slot.buf_idx = same->ring->slot[i].buf_idx;
		else
			nm_alloc_object(region, NM_BUF_POOL, &slot.buf_idx);
		ring->slot[i] = slot;
	}
	if (!same)
		region->quota += n;
	kr->ring = ring;
	nm_kring_reset(kr, 0, kr->dir == NR_TX ? n - 1 : 0);
	return 0;
}

void nm_ring_delete(struct nm_kring *kr, u32 first, u32 num)
{
	struct nm_region *region = kr->port->region;
	const struct nm_pool *rings = &region->pool[NM_RING_POOL];
	u32 i, slot = first;

	for (i = 0; i < num; i++) {
		nm_free_object(region, NM_BUF_POOL, READ_ONCE(kr->ring->slot[slot].buf_idx));
		slot = nm_next(slot, kr->num_slots);
	}
	region->quota -= num;
	nm_free_object(region, NM_RING_POOL,
		       div_u64(kr->ring_offset - rings->offset, rings->objsize));
	kr->ring = NULL;
}

/* --------------------------------------------------------------------- ports */

void nm_port_init(struct nm_port *port, const struct nm_port_ops *ops,
		  const char *name, struct net *net)
{
	enum txrx t;

	INIT_LIST_HEAD(&port->list);
	port->ops = ops;
	port->net = net ? get_net(net) : NULL;
	strscpy(port->name, name, sizeof(port->name));
	port->refs = 1;
	for (t = 0; t < NR_TXRX; t++)
		init_waitqueue_head(&port->wait[t]);
}

int nm_port_set_rings(struct nm_port *port, u32 tx_rings, u32 rx_rings,
		      u32 tx_slots, u32 rx_slots)
{
	u32 rings[NR_TXRX] = { rx_rings, tx_rings };
	u32 slots[NR_TXRX] = { rx_slots, tx_slots };
	struct nm_kring *krings[NR_TXRX];
	enum txrx t;
	u32 i;

	for (t = 0; t < NR_TXRX; t++) {
		krings[t] = kvcalloc(rings[t], sizeof(*krings[t]), GFP_KERNEL_ACCOUNT);
		if (rings[t] && !krings[t]) {
			while (t--)
				kvfree(krings[t]);
			return -ENOMEM;
		}
		for (i = 0; i < rings[t]; i++) {
			struct nm_kring *kr = &krings[t][i];

			kr->port = port;
			kr->id = i;
			kr->dir = t;
			kr->num_slots = slots[t];
			init_waitqueue_head(&kr->wait);
		}
	}
	for (t = 0; t < NR_TXRX; t++) {
		kvfree(port->krings[t]);
		port->krings[t] = krings[t];
		port->num_rings[t] = rings[t];
		port->num_slots[t] = slots[t];
	}
	return 0;
}

void nm_port_set_region(struct nm_port *port, struct nm_region *region)
{
	if (region)
		nm_region_get(region);
	if (port->region)
		nm_region_put(port->region);
	port->region = region;
}

void nm_port_add(struct nm_port *port)
{
	lockdep_assert_held(&nm_lock);
	list_add_tail(&port->list, &nm_ports);
}

void nm_port_remove(struct nm_port *port)
{
	lockdep_assert_held(&nm_lock);
	list_del_init(&port->list);
}

void nm_port_get(struct nm_port *port)
{
	lockdep_assert_held(&nm_lock);
	port->refs++;
}

void nm_port_put(struct nm_port *port)
{
	lockdep_assert_held(&nm_lock);
	if (!--port->refs)
		port->ops->destroy(port);
}

void nm_port_free(struct nm_port *port)
{
	enum txrx t;

	nm_port_remove(port);
	nm_port_set_region(port, NULL);
	if (port->net)
		put_net(port->net);
	for (t = 0; t < NR_TXRX; t++)
		kvfree(port->krings[t]);
}

void nm_port_stop(struct nm_port *port)
{
	enum txrx t;
	u32 i;

	WRITE_ONCE(port->gone, true);
	for (t = 0; t < NR_TXRX; t++)
		for (i = 0; i < port->num_rings[t]; i++)
			nm_kring_stop(&port->krings[t][i]);
}

void nm_port_quiesce(struct nm_port *port)
{
	enum txrx t;
	u32 i;

	for (t = 0; t < NR_TXRX; t++)
		for (i = 0; i < port->num_rings[t]; i++)
			wait_on_bit(&port->krings[t][i].state, NM_KR_BUSY,
				    TASK_UNINTERRUPTIBLE);
}

void nm_port_stop_all(struct nm_region *region)
{
	struct nm_port *port;

	list_for_each_entry(port, &nm_ports, list) {
		if (port->region == region) {
			nm_port_stop(port);
			nm_port_quiesce(port);
		}
	}
}

void nm_for_each_ring(struct nm_region *region, nm_ring_visitor *visit, void *argument)
{
	struct nm_port *port;
	enum txrx t;
	u32 i;

	list_for_each_entry(port, &nm_ports, list) {
		if (port->region != region)
			continue;
		for (t = 0; t < NR_TXRX; t++)
			for (i = 0; i < port->num_rings[t]; i++)
				if (port->krings[t][i].ring)
					visit(&port->krings[t][i], argument);
	}
}

/* ------------------------------------------------------ ports without traffic */

static void nm_plain_destroy(struct nm_port *port)
{
	nm_port_free(port);
	kfree(port);
}

/* Sends into the void. */
static int nm_parent_txsync(struct nm_kring *kr, int flags)
{
	kr->hwcur = kr->rhead;
	kr->hwtail = nm_prev(kr->rhead, kr->num_slots);
	return 0;
}

/* Never sends. */
static int nm_null_txsync(struct nm_kring *kr, int flags)
{
	kr->hwcur = kr->rhead;
	return 0;
}

static int nm_plain_rxsync(struct nm_kring *kr, int flags)
{
	kr->hwcur = kr->rhead;
	return 0;
}

static const struct nm_port_ops nm_parent_ops = {
	.destroy = nm_plain_destroy,
	.txsync = nm_parent_txsync,
	.rxsync = nm_plain_rxsync,
};

static const struct nm_port_ops nm_null_ops = {
	.destroy = nm_plain_destroy,
	.txsync = nm_null_txsync,
	.rxsync = nm_plain_rxsync,
};

static struct nm_port *nm_plain_new(const struct nm_port_ops *ops, const char *name,
				    struct nm_region *region, u32 tx_rings,
				    u32 rx_rings, u32 tx_slots, u32 rx_slots)
{
	struct nm_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int err;

	if (!port)
		return ERR_PTR(-ENOMEM);
	nm_port_init(port, ops, name, current->nsproxy->net_ns);
	nm_port_set_region(port, region);
	err = nm_port_set_rings(port, tx_rings, rx_rings, tx_slots, rx_slots);
	if (err) {
		nm_port_put(port);
		return ERR_PTR(err);
	}
	nm_port_add(port);
	return port;
}

#define NM_DEFAULT_SLOTS	1024
#define NM_MAX_SLOTS		8176	/* of the largest ring object */
#define NM_MAX_RINGS		256

struct nm_port *nm_null_port(const char *name, const struct nm_wish *wish)
{
	u32 slots[NR_TXRX];
	enum txrx t;

	if (!wish->region)
		return ERR_PTR(-EINVAL);
	for (t = 0; t < NR_TXRX; t++)
		slots[t] = min_t(u32, wish->num_slots[t] ?: NM_DEFAULT_SLOTS, NM_MAX_SLOTS);
	return nm_plain_new(&nm_null_ops, name, wish->region,
			    min_t(u32, wish->num_rings[NR_TX], NM_MAX_RINGS),
			    min_t(u32, wish->num_rings[NR_RX], NM_MAX_RINGS),
			    slots[NR_TX], slots[NR_RX]);
}

/* What may be the name of an interface, or of a switch's port. */
static bool nm_parent_name_valid(const char *name)
{
	const char *colon = strchr(name, ':');

	if (colon && !strncmp(name, NM_BDG_NAME, strlen(NM_BDG_NAME)))
		return colon - name < IFNAMSIZ && strlen(colon + 1) < IFNAMSIZ;
	return dev_valid_name(name);
}

static struct nm_port *nm_parent_lookup(const char *name)
{
	struct nm_port *port;

	list_for_each_entry(port, &nm_ports, list) {
		if (port->ops == &nm_parent_ops && !port->gone &&
		    port->net == current->nsproxy->net_ns && !strcmp(port->name, name)) {
			nm_port_get(port);
			return port;
		}
	}
	return NULL;
}

/* Devices are in the global region, also those that only give pipes their name. */
static struct nm_region *nm_parent_region(const char *name, const struct nm_wish *wish)
{
	struct net_device *dev;

	if (wish->region) {
		nm_region_get(wish->region);
		return wish->region;
	}
	dev = dev_get_by_name(current->nsproxy->net_ns, name);
	if (dev) {
		dev_put(dev);
		return nm_region_by_id(NM_GLOBAL_MEM_ID);
	}
	return nm_region_private(max(wish->num_rings[NR_TX], 1U),
				 max(wish->num_rings[NR_RX], 1U),
				 max3(wish->num_slots[NR_TX], wish->num_slots[NR_RX],
				      (u32)NM_DEFAULT_SLOTS), wish->extra);
}

struct nm_port *nm_parent_find(const char *name, const struct nm_wish *wish)
{
	struct nm_port *port = nm_parent_lookup(name);
	struct nm_region *region;

	if (port)
		return port;
	if (!nm_parent_name_valid(name))
		return ERR_PTR(-EINVAL);
	if (!wish->create)
		return ERR_PTR(-ENODEV);
	region = nm_parent_region(name, wish);
	if (IS_ERR(region))
		return ERR_CAST(region);
	port = nm_plain_new(&nm_parent_ops, name, region, 1, 1, NM_DEFAULT_SLOTS,
			    NM_DEFAULT_SLOTS);
	nm_region_put(region);
	return port;
}

/* ------------------------------------------------------------------- looking up */

static struct nm_port *nm_device_find(const char *name)
{
	struct net_device *dev = dev_get_by_name(current->nsproxy->net_ns, name);
	struct nm_port *port, *found;

	if (!dev) {
		found = nm_parent_lookup(name);
		return found ?: ERR_PTR(-ENXIO);
	}
	found = NULL;
	list_for_each_entry(port, &nm_ports, list)
		if (port->netdev == dev)
			found = port;
	dev_put(dev);

	if (found && found->gone && found->users) {
		pr_warn_ratelimited("netmap: the host of %s is gone, and its users are still there\n",
				    name);
		return ERR_PTR(-ENXIO);
	}
	if (found) {
		nm_port_get(found);
		return found;
	}
	found = nm_parent_lookup(name);
	if (found)
		return found;
	pr_warn_ratelimited("netmap: %s passes no rings of a host through: it takes an e1000-paravirt device, passthrough=on, and modprobe e1000 paravirtual=1\n",
			    name);
	return ERR_PTR(-EOPNOTSUPP);
}

struct nm_port *nm_port_find(const char *name, const struct nm_wish *wish)
{
	struct nm_port *port;
	const char *brace;
	int err;

	lockdep_assert_held(&nm_lock);
	if (wish->mode == NR_REG_NULL)
		return nm_null_port(name, wish);
	brace = strrchr(name, '{') ?: strrchr(name, '}');
	if (brace)
		return nm_pipe_find(name, brace, wish);
	if (!strncmp(name, NM_BDG_NAME, strlen(NM_BDG_NAME))) {
		pr_warn_ratelimited("netmap: %s: this module has no VALE switches\n", name);
		return ERR_PTR(-EOPNOTSUPP);
	}

	port = nm_device_find(name);
	if (IS_ERR(port) || port->users || !port->ops->prepare)
		return port;
	err = port->ops->prepare(port);
	if (err) {
		nm_port_put(port);
		return ERR_PTR(err);
	}
	return port;
}
