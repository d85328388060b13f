// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * What programs use of the headers that have a library of their own, and do not
 * define NETMAP_WITH_LIBS: it does not compile where something is missing.
 */

#include <net/netmap.h>

/* Programs with control blocks include only this. */
int plain_ring_is_empty(struct netmap_ring *ring);
int plain_ring_is_empty(struct netmap_ring *ring)
{
	return nm_ring_empty(ring);
}

#include <net/netmap_user.h>

#ifdef HAVE_NETMAP_WITH_LIBS
#error "nobody asked for it"
#endif

void plain_copy(struct netmap_ring *from, struct netmap_ring *to);
void plain_copy(struct netmap_ring *from, struct netmap_ring *to)
{
	struct netmap_slot *rx = &from->slot[from->cur], *tx = &to->slot[to->cur];

	if (!nm_ring_space(from) || !nm_ring_space(to)) {
		RD(1, "%s: no room", isdigit('1') ? "plain" : "");
		return;
	}
	nm_pkt_copy(NETMAP_BUF_OFFSET(from, rx), NETMAP_BUF(to, tx->buf_idx), rx->len);
	NETMAP_WOFFSET(to, tx, 0);
	ND("buffer %d", tx->buf_idx);
	D("%s", nm_tx_pending(to) ? "pending" : "sent");
}
