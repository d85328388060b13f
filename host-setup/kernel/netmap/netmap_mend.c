// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * What programs leave behind that die in the middle of something.
 *
 * A region's buffers are in slots, in lists of extra buffers, free, or for a moment
 * in the hands of a program that is moving them.  Who is killed in that moment may
 * leave a buffer in two slots, and another nowhere.  Rings that nobody has open any
 * more (orphans: ends of pipes whose other end is in use) are put right as soon as
 * that can be told; a buffer that is nowhere is free again when as many are nowhere
 * as are missing, for then no program can have one in its hands.
 */

#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "netmap_kern.h"

/*
 * Rings are looked at in this order; the first claim to a buffer holds.  A receive
 * ring's slot whose buffer is the one that the sender put there has not been part
 * of a swap, so that it precedes those that the swap was with.
 */
enum nm_pass {
	NM_IN_USE,
	NM_ORPHAN_RX_AS_SENT,
	NM_ORPHAN_TX,
	NM_ORPHAN_RX_CHANGED,
	NM_PASSES
};

struct nm_mend {
	struct nm_region *region;
	enum nm_pass pass;
	unsigned long *claimed;
	unsigned long *in_use;	/* claimed by rings in use, and extra buffers */
	u32 num_claimed;
};

static u32 nm_allocated(const struct nm_region *region)
{
	const struct nm_pool *bufs = &region->pool[NM_BUF_POOL];

	return bufs->objtotal - NM_FIRST_BUF - bufs->objfree;
}

static bool nm_claim(struct nm_mend *mend, u32 index)
{
	const struct nm_pool *bufs = &mend->region->pool[NM_BUF_POOL];

	if (index < NM_FIRST_BUF || index >= bufs->objtotal ||
	    test_bit(index, bufs->free) || __test_and_set_bit(index, mend->claimed))
		return false;
	mend->num_claimed++;
	return true;
}

static bool nm_claimed_in_use(const struct nm_mend *mend, u32 index)
{
	return index < mend->region->pool[NM_BUF_POOL].objtotal &&
	       test_bit(index, mend->in_use);
}

/* An orphan's slot without a buffer of its own. */
static void nm_mend_slot(struct nm_mend *mend, struct nm_kring *kr, u32 k, u32 index)
{
	struct netmap_slot *slot = &kr->ring->slot[k];
	u32 sent;

	if (mend->pass == NM_ORPHAN_RX_CHANGED) {
		sent = READ_ONCE(kr->peer->ring->slot[k].buf_idx);
		if (nm_claim(mend, sent)) {
			WRITE_ONCE(slot->buf_idx, sent);
			return;
		}
	}
	/* Half of a swap: the other half is still open, and about to be closed. */
	if (nm_claimed_in_use(mend, index))
		return;
	if (nm_alloc_object(mend->region, NM_BUF_POOL, &index))
		index = 0;
	else
		nm_claim(mend, index);
	WRITE_ONCE(slot->buf_idx, index);
	WRITE_ONCE(slot->flags, READ_ONCE(slot->flags) | NS_BUF_CHANGED);
}

static bool nm_slot_in_pass(const struct nm_mend *mend, const struct nm_kring *kr, u32 k,
			    u32 index)
{
	enum nm_pass pass = NM_IN_USE;

	if (!kr->users && kr->dir == NR_TX)
		pass = NM_ORPHAN_TX;
	else if (!kr->users)
		pass = READ_ONCE(kr->peer->ring->slot[k].buf_idx) == index ?
			NM_ORPHAN_RX_AS_SENT : NM_ORPHAN_RX_CHANGED;
	return pass == mend->pass;
}

static void nm_mend_ring(struct nm_kring *kr, void *argument)
{
	struct nm_mend *mend = argument;
	u32 k, i, num;

	nm_kring_owned(kr, &k, &num);
	for (i = 0; i < num; i++, k = nm_next(k, kr->num_slots)) {
		u32 index = READ_ONCE(kr->ring->slot[k].buf_idx);

		if (nm_slot_in_pass(mend, kr, k, index) && !nm_claim(mend, index) &&
		    mend->pass != NM_IN_USE)
			nm_mend_slot(mend, kr, k, index);
	}
	cond_resched();
}

/* Orphans change by the other end's syncs: not while they are looked at. */
static bool nm_has_orphan(const struct nm_kring *kr)
{
	return kr->peer && (!kr->users || !kr->peer->users);
}

static void nm_hold_ring(struct nm_kring *kr, void *argument)
{
	if (nm_has_orphan(kr))
		while (nm_kring_tryget(kr) == -EBUSY)
			usleep_range(20, 50);
}

/* Who found a ring busy here relied on somebody's syncing it. */
static void nm_let_ring_go(struct nm_kring *kr, void *argument)
{
	bool missed;

	if (!nm_has_orphan(kr))
		return;
	missed = test_bit(NM_KR_MISSED, &kr->state);
	nm_kring_put(kr);
	if (missed && kr->users && !kr->checked)
		nm_kring_sync(kr, 0);
}

static void nm_claim_extra(struct nm_mend *mend)
{
	struct nm_priv *priv;
	u32 index;

	list_for_each_entry(priv, &mend->region->privs, node) {
		if (!priv->nifp)
			continue;
		index = READ_ONCE(priv->nifp->ni_bufs_head);
		while (nm_claim(mend, index))
			index = nm_extra_next(mend->region, index);
		cond_resched();
	}
}

/* Frees what nobody claims, if that is exactly what is missing. */
static void nm_free_unclaimed(struct nm_mend *mend)
{
	struct nm_region *region = mend->region;
	u32 total = region->pool[NM_BUF_POOL].objtotal, index;
	u32 allocated = nm_allocated(region);

	if (allocated <= region->quota ||
	    allocated - mend->num_claimed != allocated - region->quota)
		return;
	for_each_clear_bit(index, mend->claimed, total)
		nm_free_object(region, NM_BUF_POOL, index);
}

void nm_region_mend(struct nm_region *region)
{
	u32 total = region->pool[NM_BUF_POOL].objtotal;
	struct nm_mend mend = { .region = region };

	lockdep_assert_held(&nm_lock);
	if (region->hostid)
		return;
	mend.claimed = kvcalloc(BITS_TO_LONGS(total), sizeof(long), GFP_KERNEL);
	mend.in_use = kvcalloc(BITS_TO_LONGS(total), sizeof(long), GFP_KERNEL);
	/* Without memory it is put off until the next descriptor is closed. */
	if (mend.claimed && mend.in_use) {
		nm_for_each_ring(region, nm_hold_ring, NULL);
		nm_for_each_ring(region, nm_mend_ring, &mend);
		nm_claim_extra(&mend);
		bitmap_copy(mend.in_use, mend.claimed, total);
		while (++mend.pass < NM_PASSES)
			nm_for_each_ring(region, nm_mend_ring, &mend);
		nm_free_unclaimed(&mend);
		nm_for_each_ring(region, nm_let_ring_go, NULL);
	}
	kvfree(mend.claimed);
	kvfree(mend.in_use);
}
