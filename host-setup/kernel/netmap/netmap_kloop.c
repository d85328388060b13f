// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * Control blocks (CSB), and the loop that serves rings through them for a user
 * that cannot do it itself: a virtual machine (15).
 *
 * Each side sleeps by the same rule: ask for a kick, full barrier, look at the
 * other's index once more.  So no wake-up is lost, and no timeout is needed.
 */

#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "netmap_kern.h"

#define NM_MAX_SLEEP_US		1000000
#define NM_MAX_ROUNDS		64	/* of one ring before the others' turn */

/* ---------------------------------------------------------------- control blocks */

/* A program's pages, pinned, as the kernel sees them. */
struct nm_pinned {
	struct page **pages;
	int num;
	void *map;
};

struct nm_csb {
	struct nm_pinned pinned[2];
	struct nm_csb_atok *atok;
	struct nm_csb_ktoa *ktoa;
};

static void nm_unpin(struct nm_pinned *pinned)
{
	vunmap(pinned->map);
	if (pinned->num > 0)
		unpin_user_pages_dirty_lock(pinned->pages, pinned->num, true);
	kfree(pinned->pages);
}

static void *nm_pin(struct nm_pinned *pinned, u64 address, size_t bytes)
{
	int num = DIV_ROUND_UP(offset_in_page(address) + bytes, PAGE_SIZE);

	pinned->pages = kcalloc(num, sizeof(*pinned->pages), GFP_KERNEL_ACCOUNT);
	if (!pinned->pages)
		return ERR_PTR(-ENOMEM);
	pinned->num = pin_user_pages_fast(address & PAGE_MASK, num,
					  FOLL_WRITE | FOLL_LONGTERM, pinned->pages);
	if (pinned->num < num)
		return ERR_PTR(-EFAULT);
	pinned->map = vmap(pinned->pages, num, VM_MAP, PAGE_KERNEL);
	if (!pinned->map)
		return ERR_PTR(-ENOMEM);
	return pinned->map + offset_in_page(address);
}

static void nm_csb_put(struct nm_csb *csb)
{
	nm_unpin(&csb->pinned[0]);
	nm_unpin(&csb->pinned[1]);
	kfree(csb);
}

static struct nm_csb *nm_csb_get(u64 atok, u64 ktoa, u32 rings)
{
	struct nm_csb *csb = kzalloc(sizeof(*csb), GFP_KERNEL_ACCOUNT);
	long err;

	if (!csb)
		return ERR_PTR(-ENOMEM);
	csb->atok = nm_pin(&csb->pinned[0], atok, rings * sizeof(*csb->atok));
	err = PTR_ERR_OR_ZERO(csb->atok);
	if (!err) {
		csb->ktoa = nm_pin(&csb->pinned[1], ktoa, rings * sizeof(*csb->ktoa));
		err = PTR_ERR_OR_ZERO(csb->ktoa);
	}
	if (err) {
		nm_csb_put(csb);
		return ERR_PTR(err);
	}
	return csb;
}

/* Both sides' indices as the ring has them, both asking to be kicked. */
static void nm_csb_fill(struct nm_csb *csb, u32 i, struct nm_kring *kr)
{
	struct nm_csb_atok atok = {
		.head = kr->rhead,
		.cur = kr->rcur,
		.appl_need_kick = 1,
		.sync_flags = NAF_FORCE_READ,
	};
	struct nm_csb_ktoa ktoa = {
		.hwcur = kr->hwcur,
		.hwtail = kr->hwtail,
		.kern_need_kick = 1,
	};

	csb->atok[i] = atok;
	csb->ktoa[i] = ktoa;
}

int nm_csb_enable(struct nm_priv *priv, struct nm_port *port, u64 atok, u64 ktoa)
{
	u32 i, rings = nm_priv_rings(priv);
	struct nm_csb *csb, *old;
	int err;

	lockdep_assert_held(&priv->lock);
	if (priv->kloop)
		return -EBUSY;
	if (!(priv->flags & NR_EXCLUSIVE) || !rings ||
	    !IS_ALIGNED(atok | ktoa, sizeof(struct nm_csb_atok)))
		return -EINVAL;
	csb = nm_csb_get(atok, ktoa, rings);
	if (IS_ERR(csb))
		return PTR_ERR(csb);

	/* No other sync begins after this; those that run are short. */
	old = priv->csb;
	WRITE_ONCE(priv->csb, csb);
	for (i = 0; i < rings; i++) {
		struct nm_kring *kr = nm_priv_ring(priv, port, i);

		while ((err = nm_kring_tryget(kr)) == -EBUSY)
			usleep_range(20, 50);
		nm_csb_fill(csb, i, kr);
		kr->checked = true;
		if (!err)
			nm_kring_put(kr);
	}
	if (old)
		nm_csb_put(old);
	return 0;
}

void nm_csb_free(struct nm_priv *priv)
{
	u32 i;

	if (!priv->csb)
		return;
	for (i = 0; i < nm_priv_rings(priv); i++)
		nm_priv_ring(priv, priv->port, i)->checked = false;
	nm_csb_put(priv->csb);
	priv->csb = NULL;
}

/* -------------------------------------------------------------------- one ring */

struct nm_kloop_ring {
	struct nm_kloop *loop;
	u32 index;
	struct nm_kring *kr;
	struct nm_csb_atok *atok;
	struct nm_csb_ktoa *ktoa;

	struct eventfd_ctx *irq;	/* NULL: the application is not told */
	struct file *kick;
	wait_queue_head_t *kick_queue;
	wait_queue_entry_t kick_wait;
	wait_queue_entry_t port_wait;
	poll_table poll;
};

struct nm_kloop {
	bool by_events;			/* else by time */
	bool stop;
	wait_queue_head_t wait;
	unsigned long *pending;		/* rings that have news */
	u32 num;
	struct nm_kloop_ring rings[];
};

static void nm_kloop_publish(struct nm_kloop_ring *r)
{
	WRITE_ONCE(r->ktoa->hwcur, r->kr->hwcur);
	/* After the slots that it gives to the application. */
	smp_store_release(&r->ktoa->hwtail, r->kr->hwtail);
	r->kr->rtail = r->kr->hwtail;
}

static void nm_kloop_interrupt(struct nm_kloop_ring *r)
{
	/* Pairs with the application's, between asking for it and looking. */
	smp_mb();
	if (r->irq && READ_ONCE(r->atok->appl_need_kick))
		nm_eventfd_signal(r->irq);
}

/*
 * One sync with what the application has published.  What it published is read
 * once; where the rules forbid it, the ring stays as it is.
 */
static bool nm_kloop_sync(struct nm_kloop_ring *r)
{
	struct nm_kring *kr = r->kr;
	const struct nm_port_ops *ops = kr->port->ops;
	u32 head, cur, tail = kr->hwtail;
	int flags;

	/* Before cur, and the slots that it gives to the kernel. */
	head = smp_load_acquire(&r->atok->head);
	cur = READ_ONCE(r->atok->cur);
	flags = READ_ONCE(r->atok->sync_flags) & (NAF_FORCE_READ | NAF_FORCE_RECLAIM);
	if (!nm_kring_accept(kr, head, cur))
		return false;
	if (kr->dir == NR_TX ? ops->txsync(kr, flags) : ops->rxsync(kr, flags))
		return false;
	nm_kloop_publish(r);
	if (kr->hwtail != tail)
		nm_kloop_interrupt(r);
	return true;
}

/* Whether there is nothing more to do until the next kick. */
static bool nm_kloop_idle(struct nm_kloop_ring *r)
{
	if (READ_ONCE(r->atok->head) != r->kr->rhead)
		return false;
	if (!r->loop->by_events)
		return true;
	WRITE_ONCE(r->ktoa->kern_need_kick, 1);
	/* Pairs with the application's barrier between publishing and looking. */
	smp_mb();
	if (READ_ONCE(r->atok->head) == r->kr->rhead)
		return true;
	WRITE_ONCE(r->ktoa->kern_need_kick, 0);
	return false;
}

static void nm_kloop_serve(struct nm_kloop_ring *r)
{
	int rounds = 0;

	/* Busy: whoever puts it wakes the loop.  Stopped: nobody is served. */
	if (nm_kring_tryget(r->kr))
		return;
	WRITE_ONCE(r->ktoa->kern_need_kick, 0);
	do {
		if (!nm_kloop_sync(r)) {
			WRITE_ONCE(r->ktoa->kern_need_kick, r->loop->by_events);
			break;
		}
		if (++rounds == NM_MAX_ROUNDS) {
			set_bit(r->index, r->loop->pending);
			break;
		}
	} while (!nm_kloop_idle(r));
	nm_kring_put(r->kr);
}

/* ------------------------------------------------------------------ the events */

static int nm_kloop_wake(struct nm_kloop_ring *r)
{
	set_bit(r->index, r->loop->pending);
	wake_up(&r->loop->wait);
	return 0;
}

static int nm_kloop_kicked(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	if (!(key_to_poll(key) & EPOLLIN))
		return 0;
	return nm_kloop_wake(container_of(wait, struct nm_kloop_ring, kick_wait));
}

static int nm_kloop_notified(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	return nm_kloop_wake(container_of(wait, struct nm_kloop_ring, port_wait));
}

static void nm_kloop_queue(struct file *file, wait_queue_head_t *queue, poll_table *poll)
{
	struct nm_kloop_ring *r = container_of(poll, struct nm_kloop_ring, poll);

	r->kick_queue = queue;
	add_wait_queue(queue, &r->kick_wait);
}

static int nm_kloop_hook(struct nm_kloop_ring *r, s32 ioeventfd)
{
	r->kick = eventfd_fget(ioeventfd);
	if (IS_ERR(r->kick)) {
		int err = PTR_ERR(r->kick);

		r->kick = NULL;
		return err;
	}
	init_waitqueue_func_entry(&r->kick_wait, nm_kloop_kicked);
	init_waitqueue_func_entry(&r->port_wait, nm_kloop_notified);
	init_poll_funcptr(&r->poll, nm_kloop_queue);
	vfs_poll(r->kick, &r->poll);
	add_wait_queue(&r->kr->wait, &r->port_wait);
	return 0;
}

static void nm_kloop_unhook(struct nm_kloop_ring *r)
{
	if (r->kick_queue)
		remove_wait_queue(r->kick_queue, &r->kick_wait);
	if (r->kick) {
		remove_wait_queue(&r->kr->wait, &r->port_wait);
		fput(r->kick);
	}
	if (r->irq)
		eventfd_ctx_put(r->irq);
}

/* -------------------------------------------------------------------- the loop */

static void nm_kloop_delete(struct nm_kloop *loop)
{
	u32 i;

	for (i = 0; i < loop->num; i++)
		nm_kloop_unhook(&loop->rings[i]);
	bitmap_free(loop->pending);
	kfree(loop);
}

static int nm_kloop_connect(struct nm_kloop *loop, const struct nm_eventfds *fds)
{
	u32 i;
	int err;

	loop->by_events = fds;
	for (i = 0; fds && i < loop->num; i++)
		if (fds[i].ioeventfd < 0)
			loop->by_events = false;

	for (i = 0; fds && i < loop->num; i++) {
		struct nm_kloop_ring *r = &loop->rings[i];

		if (fds[i].irqfd >= 0) {
			struct eventfd_ctx *irq = eventfd_ctx_fdget(fds[i].irqfd);

			if (IS_ERR(irq))
				return PTR_ERR(irq);
			r->irq = irq;
		}
		if (loop->by_events) {
			err = nm_kloop_hook(r, fds[i].ioeventfd);
			if (err)
				return err;
		}
	}
	return 0;
}

static struct nm_kloop *nm_kloop_new(struct nm_priv *priv, const struct nm_eventfds *fds)
{
	u32 i, rings = nm_priv_rings(priv);
	struct nm_kloop *loop;
	int err;

	loop = kzalloc(struct_size(loop, rings, rings), GFP_KERNEL_ACCOUNT);
	if (!loop)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&loop->wait);
	loop->num = rings;
	for (i = 0; i < rings; i++) {
		struct nm_kloop_ring *r = &loop->rings[i];

		r->loop = loop;
		r->index = i;
		r->kr = nm_priv_ring(priv, priv->port, i);
		r->atok = &priv->csb->atok[i];
		r->ktoa = &priv->csb->ktoa[i];
	}
	err = -ENOMEM;
	loop->pending = bitmap_alloc(rings, GFP_KERNEL_ACCOUNT);
	if (loop->pending) {
		bitmap_fill(loop->pending, rings);
		err = nm_kloop_connect(loop, fds);
	}
	if (err) {
		nm_kloop_delete(loop);
		return ERR_PTR(err);
	}
	return loop;
}

static int nm_kloop_wait(struct nm_kloop *loop, u32 sleep_us)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (loop->by_events)
		return wait_event_killable(loop->wait, READ_ONCE(loop->stop) ||
					   !bitmap_empty(loop->pending, loop->num));
	if (sleep_us)
		wait_event_hrtimeout(loop->wait, READ_ONCE(loop->stop),
				     ns_to_ktime(sleep_us * (u64)NSEC_PER_USEC));
	return 0;
}

/* When it is stopped, what has been published by then is served once more. */
static int nm_kloop_serve_all(struct nm_kloop *loop, u32 sleep_us)
{
	int err = 0;
	bool stop;
	u32 i;

	do {
		stop = READ_ONCE(loop->stop);
		for (i = 0; i < loop->num; i++) {
			if (test_and_clear_bit(i, loop->pending) || stop || !loop->by_events)
				nm_kloop_serve(&loop->rings[i]);
			cond_resched();
		}
		if (!stop)
			err = nm_kloop_wait(loop, sleep_us);
	} while (!stop && !err);
	return err ? -EINTR : 0;
}

/* A loop that may run, or NULL where it was told to stop before it came. */
static struct nm_kloop *nm_kloop_enter(struct nm_priv *priv, const struct nm_eventfds *fds)
{
	struct nm_kloop *loop;
	bool stop;

	lockdep_assert_held(&priv->lock);
	if (!priv->csb)
		return ERR_PTR(-EINVAL);
	if (priv->kloop)
		return ERR_PTR(-EBUSY);
	stop = priv->kloop_stop;
	priv->kloop_stop = false;
	loop = nm_kloop_new(priv, fds);
	if (!IS_ERR(loop) && stop) {
		nm_kloop_delete(loop);
		return NULL;
	}
	if (!IS_ERR(loop))
		priv->kloop = loop;
	return loop;
}

int nm_kloop_run(struct nm_priv *priv, u32 sleep_us, const struct nm_eventfds *fds)
{
	struct nm_kloop *loop;
	int err;

	if (sleep_us > NM_MAX_SLEEP_US)
		return -EINVAL;
	mutex_lock(&priv->lock);
	loop = nm_kloop_enter(priv, fds);
	mutex_unlock(&priv->lock);
	if (IS_ERR_OR_NULL(loop))
		return PTR_ERR_OR_ZERO(loop);

	err = nm_kloop_serve_all(loop, sleep_us);

	mutex_lock(&priv->lock);
	priv->kloop = NULL;
	WRITE_ONCE(priv->kloops_ended, priv->kloops_ended + 1);
	mutex_unlock(&priv->lock);
	wake_up_all(&priv->kloop_wait);
	nm_kloop_delete(loop);
	return err;
}

/*
 * Returns when the loop, if one runs, is out: nobody touches the CSB any more. If
 * none runs it is the next one that is stopped: its thread may be on the way.
 */
int nm_kloop_stop(struct nm_priv *priv)
{
	bool running;
	u32 ended;

	if (!nm_priv_port(priv))
		return -ENXIO;
	mutex_lock(&priv->lock);
	ended = priv->kloops_ended;
	running = priv->kloop;
	if (running) {
		WRITE_ONCE(priv->kloop->stop, true);
		wake_up(&priv->kloop->wait);
	} else {
		priv->kloop_stop = true;
	}
	mutex_unlock(&priv->lock);
	if (!running)
		return 0;
	return wait_event_killable(priv->kloop_wait,
				   READ_ONCE(priv->kloops_ended) != ended);
}
