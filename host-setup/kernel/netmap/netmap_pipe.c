// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * Pipes: two ports in one region whose rings are joined crosswise.  Slot k of a
 * transmit ring and slot k of the receive ring at the other end share a buffer,
 * which belongs to one of them; syncs hand slots over, packets do not move (9).
 *
 * A ring's sync runs without the other end: slots are written before the index
 * that makes them the other's (peer_tail) is, and read after it.
 */

#include <linux/slab.h>

#include "netmap_kern.h"

#define NM_PIPE_MAX_SLOTS	4096
#define NM_PIPE_MAX_RINGS	256
#define NM_PIPES_OF_PARENT	64

struct nm_pipe;

struct nm_pipe_end {
	struct nm_port port;
	struct nm_pipe *pipe;
	struct nm_pipe_end *peer;
};

/* Lives while anything refers to one of the ends. */
struct nm_pipe {
	struct list_head list;
	struct nm_pipe_end master, slave;
	struct nm_port *parent;
	bool rings;		/* they exist */
	char id[NETMAP_REQ_IFNAMSIZ];
};

static LIST_HEAD(nm_pipes);

static struct nm_pipe_end *nm_pipe_end(struct nm_port *port)
{
	return container_of(port, struct nm_pipe_end, port);
}

/* ---------------------------------------------------------------------- syncs */

/*
 * Hands a slot over.  Programs may write it meanwhile: it is read once.  What
 * comes from a virtual machine is made harmless to the program that gets it.
 */
static u16 nm_pipe_move(const struct nm_kring *kr, struct netmap_slot *from,
			struct netmap_slot *to)
{
	const struct nm_pool *bufs = &kr->port->region->pool[NM_BUF_POOL];
	struct netmap_slot slot = {
		.buf_idx = READ_ONCE(from->buf_idx),
		.len = READ_ONCE(from->len),
		.flags = READ_ONCE(from->flags),
		.ptr = READ_ONCE(from->ptr),
	};

	WRITE_ONCE(from->flags, slot.flags & ~NS_BUF_CHANGED);
	if (kr->checked) {
		slot.flags &= ~NS_INDIRECT;
		if (slot.buf_idx < NM_FIRST_BUF || slot.buf_idx >= bufs->objtotal) {
			slot.buf_idx = 0;
			slot.len = 0;
		} else if (slot.len > bufs->objsize) {
			slot.len = 0;
		}
	}
	WRITE_ONCE(to->buf_idx, slot.buf_idx);
	WRITE_ONCE(to->len, slot.len);
	WRITE_ONCE(to->flags, slot.flags);
	WRITE_ONCE(to->ptr, slot.ptr);
	return slot.flags;
}

static int nm_pipe_txsync(struct nm_kring *tx, int flags)
{
	struct nm_kring *rx = tx->peer;
	u32 n = tx->num_slots, k = tx->hwcur;
	u32 complete = rx->peer_tail;

	while (k != tx->rhead) {
		u16 slot_flags = nm_pipe_move(tx, &tx->ring->slot[k], &rx->ring->slot[k]);

		k = nm_next(k, n);
		if (!(slot_flags & NS_MOREFRAG))
			complete = k;
	}
	WRITE_ONCE(tx->hwcur, k);
	if (complete != rx->peer_tail) {
		/* After the slots that it gives to the receiver. */
		smp_store_release(&rx->peer_tail, complete);
		nm_kring_notify(rx);
	}
	/* Before the slots that came back. */
	tx->hwtail = smp_load_acquire(&tx->peer_tail);
	return 0;
}

static int nm_pipe_rxsync(struct nm_kring *rx, int flags)
{
	struct nm_kring *tx = rx->peer;
	u32 n = rx->num_slots, k = rx->hwcur;

	/* Before the slots that have come. */
	rx->hwtail = smp_load_acquire(&rx->peer_tail);
	if (k == rx->rhead)
		return 0;
	while (k != rx->rhead) {
		nm_pipe_move(rx, &rx->ring->slot[k], &tx->ring->slot[k]);
		k = nm_next(k, n);
	}
	WRITE_ONCE(rx->hwcur, k);
	/* After the slots that it gives back; one always stays with the sender. */
	smp_store_release(&tx->peer_tail, nm_prev(k, n));
	nm_kring_notify(tx);
	return 0;
}

/* ---------------------------------------------------------------------- rings */

/* Where only one ring of a pair could be made, all buffers are there. */
static void nm_pipe_delete_pair(struct nm_kring *tx)
{
	struct nm_kring *rx = tx->peer;
	u32 n = tx->num_slots, first = 0, sent = 0;

	if (tx->ring && rx->ring)
		nm_kring_owned(rx, &first, &sent);
	else if (rx->ring)
		sent = n;
	if (rx->ring)
		nm_ring_delete(rx, first, sent);
	if (tx->ring)
		nm_ring_delete(tx, tx->hwcur, n - sent);
}

static void nm_pipe_delete_rings(struct nm_pipe *pipe)
{
	u32 i;

	for (i = 0; i < pipe->master.port.num_rings[NR_TX]; i++)
		nm_pipe_delete_pair(&pipe->master.port.krings[NR_TX][i]);
	for (i = 0; i < pipe->slave.port.num_rings[NR_TX]; i++)
		nm_pipe_delete_pair(&pipe->slave.port.krings[NR_TX][i]);
	pipe->rings = false;
}

/* Rings of one end: with buffers of their own at the end that comes first. */
static int nm_pipe_create_rings(struct nm_port *port, bool first)
{
	enum txrx t;
	u32 i;
	int err;

	for (t = 0; t < NR_TXRX; t++) {
		for (i = 0; i < port->num_rings[t]; i++) {
			struct nm_kring *kr = &port->krings[t][i];

			err = nm_ring_create(kr, first ? NULL : kr->peer);
			if (err)
				return err;
		}
	}
	return 0;
}

static int nm_pipe_open(struct nm_port *port)
{
	struct nm_pipe_end *end = nm_pipe_end(port);
	int err;

	if (end->pipe->rings)
		return 0;
	end->pipe->rings = true;
	err = nm_pipe_create_rings(port, true);
	if (!err)
		err = nm_pipe_create_rings(&end->peer->port, false);
	if (err)
		nm_pipe_delete_rings(end->pipe);
	return err;
}

static void nm_pipe_close(struct nm_port *port)
{
	struct nm_pipe_end *end = nm_pipe_end(port);

	if (!end->peer->port.users)
		nm_pipe_delete_rings(end->pipe);
}

static void nm_pipe_destroy(struct nm_port *port)
{
	struct nm_pipe_end *end = nm_pipe_end(port);
	struct nm_pipe *pipe = end->pipe;

	if (end->peer->port.refs)
		return;
	list_del(&pipe->list);
	pipe->parent->pipes--;
	nm_port_put(pipe->parent);
	nm_port_free(&pipe->master.port);
	nm_port_free(&pipe->slave.port);
	kfree(pipe);
}

static const struct nm_port_ops nm_pipe_ops = {
	.open = nm_pipe_open,
	.close = nm_pipe_close,
	.destroy = nm_pipe_destroy,
	.txsync = nm_pipe_txsync,
	.rxsync = nm_pipe_rxsync,
};

/* ----------------------------------------------------------------- looking up */

static void nm_pipe_join(struct nm_pipe_end *a, struct nm_pipe_end *b)
{
	u32 i;

	for (i = 0; i < a->port.num_rings[NR_TX]; i++) {
		a->port.krings[NR_TX][i].peer = &b->port.krings[NR_RX][i];
		b->port.krings[NR_RX][i].peer = &a->port.krings[NR_TX][i];
	}
}

static void nm_pipe_init_end(struct nm_pipe_end *end, struct nm_pipe_end *peer,
			     struct nm_pipe *pipe, const char *name, size_t brace,
			     bool master)
{
	end->pipe = pipe;
	end->peer = peer;
	nm_port_init(&end->port, &nm_pipe_ops, name, pipe->parent->net);
	end->port.name[brace] = master ? '{' : '}';
	nm_port_set_region(&end->port, pipe->parent->region);
	nm_port_add(&end->port);
	end->port.refs = 0;
}

/* Both ends, without references.  Wishes are the master's view. */
static struct nm_pipe *nm_pipe_new(struct nm_port *parent, const char *name, size_t brace,
				   const struct nm_wish *wish)
{
	u32 rings[NR_TXRX], slots[NR_TXRX];
	struct nm_pipe *pipe;
	enum txrx t;

	if (!wish->create)
		return ERR_PTR(-ENODEV);
	if (parent->pipes >= NM_PIPES_OF_PARENT)
		return ERR_PTR(-EINVAL);
	pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);
	if (!pipe)
		return ERR_PTR(-ENOMEM);
	pipe->parent = parent;
	strscpy(pipe->id, name + brace + 1, sizeof(pipe->id));
	nm_pipe_init_end(&pipe->master, &pipe->slave, pipe, name, brace, true);
	nm_pipe_init_end(&pipe->slave, &pipe->master, pipe, name, brace, false);

	for (t = 0; t < NR_TXRX; t++) {
		rings[t] = wish->num_rings[t] ?: 1;
		slots[t] = wish->num_slots[t] ?: min_t(u32, parent->num_slots[t],
						       NM_PIPE_MAX_SLOTS);
	}
	if (nm_port_set_rings(&pipe->master.port, rings[NR_TX], rings[NR_RX],
			      slots[NR_TX], slots[NR_RX]) ||
	    nm_port_set_rings(&pipe->slave.port, rings[NR_RX], rings[NR_TX],
			      slots[NR_RX], slots[NR_TX])) {
		nm_port_free(&pipe->master.port);
		nm_port_free(&pipe->slave.port);
		kfree(pipe);
		return ERR_PTR(-ENOMEM);
	}
	list_add(&pipe->list, &nm_pipes);
	nm_pipe_join(&pipe->master, &pipe->slave);
	nm_pipe_join(&pipe->slave, &pipe->master);
	nm_port_get(parent);
	parent->pipes++;
	return pipe;
}

static struct nm_pipe *nm_pipe_lookup(struct nm_port *parent, const char *id)
{
	struct nm_pipe *pipe;

	list_for_each_entry(pipe, &nm_pipes, list)
		if (pipe->parent == parent && !strcmp(pipe->id, id))
			return pipe;
	return NULL;
}

/* Only the last brace joins a pipe to its parent, which may be a pipe's end. */
static struct nm_port *nm_pipe_parent(const char *name, const struct nm_wish *wish)
{
	struct nm_wish plain = {
		.mode = NR_REG_ALL_NIC,
		.region = wish->region,
		.create = wish->create,
	};

	if (strpbrk(name, "{}"))
		return nm_port_find(name, &plain);
	return nm_parent_find(name, wish);
}

struct nm_port *nm_pipe_find(const char *name, const char *brace,
			     const struct nm_wish *asked)
{
	char parent_name[NETMAP_REQ_IFNAMSIZ];
	struct nm_port *parent, *port;
	struct nm_wish wish = *asked;
	struct nm_pipe *pipe;
	enum txrx t;

	if (brace == name || !brace[1])
		return ERR_PTR(-EINVAL);
	if (wish.mode != NR_REG_ALL_NIC && wish.mode != NR_REG_ONE_NIC)
		return ERR_PTR(-EINVAL);

	for (t = 0; t < NR_TXRX; t++) {
		wish.num_rings[t] = min_t(u32, wish.num_rings[t], NM_PIPE_MAX_RINGS);
		wish.num_slots[t] = min_t(u32, wish.num_slots[t], NM_PIPE_MAX_SLOTS);
	}
	strscpy(parent_name, name, brace - name + 1);
	parent = nm_pipe_parent(parent_name, &wish);
	if (IS_ERR(parent))
		return parent;
	pipe = nm_pipe_lookup(parent, brace + 1);
	if (!pipe)
		pipe = nm_pipe_new(parent, name, brace - name, &wish);
	if (IS_ERR(pipe)) {
		port = ERR_CAST(pipe);
	} else {
		port = *brace == '{' ? &pipe->master.port : &pipe->slave.port;
		nm_port_get(port);
	}
	nm_port_put(parent);
	return port;
}
