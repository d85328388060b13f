// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* The functions of netmap_user.h that open a port and move packets (8.3). */

#define _GNU_SOURCE
#define NETMAP_WITH_LIBS
#include "selftest.h"

/* ---------------------------------------------------------------------- names */

static void parsed(const char *ifname, const char *name, uint32_t flags, int ringid,
		   int mem_id)
{
	struct nm_desc d = { .req = { .nr_ringid = 7, .nr_arg2 = 9, .nr_arg3 = 5 } };
	char why[MAXERRMSG] = "";

	check(!nm_parse(ifname, &d, why), "%s: %s", ifname, why);
	check(!strcmp(d.req.nr_name, name), "%s: name %s", ifname, d.req.nr_name);
	same(d.req.nr_flags, flags);
	same(d.req.nr_ringid, ringid);
	same(d.req.nr_arg2, mem_id);
	same(d.req.nr_arg3, 5);
	check(d.self == &d, "not marked");
}

static void names(void)
{
	struct { char why[MAXERRMSG]; char guard; } err = { .guard = 'x' };
	struct nm_desc d = { .req.nr_flags = NR_REG_SW | NR_ACCEPT_VNET_HDR };
	char name[300] = "netmap:";

	parsed("netmap:eth0", "eth0", NR_REG_ALL_NIC, 0, 0);
	parsed("netmap:eth0-3/xT", "eth0", NR_REG_ONE_NIC | NR_EXCLUSIVE | NR_TX_RINGS_ONLY, 3, 0);
	parsed("netmap:eth0^@2", "eth0", NR_REG_SW, 0, 2);
	parsed("netmap:eth0*/R", "eth0", NR_REG_NIC_SW | NR_RX_RINGS_ONLY, 0, 0);
	parsed("netmap:x{4@65535/z", "x", NR_REG_PIPE_MASTER | NR_ZCOPY_MON, 4, 65535);
	parsed("vale0:p}4094", "vale0:p", NR_REG_PIPE_SLAVE, 4094, 0);

	/* Flags that are there stay, the mode is the name's. */
	same(nm_parse("netmap:x{1/x", &d, NULL), 0);
	same(d.req.nr_flags, NR_REG_PIPE_MASTER | NR_EXCLUSIVE | NR_ACCEPT_VNET_HDR);

	memset(name + 7, 'n', sizeof(name) - 8);
	same(nm_parse(name, &d, err.why), -1);
	same(errno, EINVAL);
	check(strlen(err.why) > 0 && err.guard == 'x', "no reason, or too much of it");
	same(nm_parse("netmap:eth0^3", &d, NULL), -1);
	same(nm_parse("netmap:eth0/q", &d, NULL), -1);
	same(nm_parse("netmap:eth0@0", &d, NULL), -1);
	same(nm_parse("netmap:eth0@1@2", &d, NULL), -1);
	same(nm_parse("netmap:eth0-4095", &d, NULL), -1);
}

/* -------------------------------------------------------------------- opening */

static struct nm_desc *opened(const char *suffix, const struct nmreq *req, uint64_t flags,
			      const struct nm_desc *parent)
{
	char name[80];
	struct nm_desc *d;

	snprintf(name, sizeof(name), "netmap:%s", fresh(suffix));
	d = nm_open(name, req, flags, parent);
	check(d, "%s: %s", name, strerror(errno));
	return d;
}

/* What a bridge does: the second port's mapping is the first one's, if it can be. */
static void sharing(void)
{
	struct nm_desc *a = opened("{1", NULL, 0, NULL);
	struct nm_desc *b = opened("}1", NULL, NM_OPEN_NO_MMAP, a);
	struct nm_desc *c = opened("c{1", NULL, NM_OPEN_NO_MMAP, a);
	struct nm_desc *bare = opened("c}1", NULL, NM_OPEN_NO_MMAP, NULL);

	check(a->mem && a->mem == b->mem && !b->done_mmap, "one region");
	check(b->nifp == NETMAP_IF(a->mem, b->req.nr_offset), "the second netmap_if");
	same(b->nifp->ni_tx_rings, 1);
	check(c->req.nr_arg2 != a->req.nr_arg2 && c->mem && c->mem != a->mem && c->done_mmap,
	      "another region");
	same(c->nifp->ni_tx_rings, 1);
	check(!bare->mem, "mapped");
	same(nm_mmap(bare, c), 0);
	check(bare->mem == c->mem && bare->nifp, "mapped later");
	same(nm_close(bare), 0);
	same(nm_close(c), 0);
	same(nm_close(b), 0);
	same(nm_close(a), 0);
}

static void wishes(void)
{
	struct nmreq req = { .nr_tx_slots = 64, .nr_rx_slots = 32, .nr_arg2 = 54321,
			     .nr_arg3 = 4, .nr_flags = NR_ACCEPT_VNET_HDR };
	struct nm_desc *a = opened("{1", &req, NETMAP_NO_TX_POLL, NULL), *b;

	same(a->req.nr_tx_slots, 64);
	same(a->req.nr_rx_slots, 32);
	same(a->req.nr_arg3, 4);
	same(a->req.nr_flags, NR_REG_PIPE_MASTER | NR_ACCEPT_VNET_HDR);
	same(a->req.nr_ringid, 1 | NETMAP_NO_TX_POLL);
	check(a->nifp->ni_bufs_head, "no extra buffers");
	/* Another pipe of the same sizes, in the region. */
	b = opened("{2", NULL, NM_OPEN_RING_CFG | NM_OPEN_ARG2 | NM_OPEN_ARG3, a);
	same(b->req.nr_rx_slots, 32);
	same(b->req.nr_arg2, a->req.nr_arg2);
	same(b->req.nr_arg3, 4);
	nm_close(b);
	/* The same port once more, by its parent's name. */
	b = nm_open("netmap:other", NULL, NM_OPEN_IFNAME, a);
	check(b, "%s", strerror(errno));
	same(b->req.nr_ringid, a->req.nr_ringid);
	same(b->req.nr_flags, a->req.nr_flags);
	check(b->mem == a->mem, "one region");

	check(!nm_open("eth0", NULL, 0, NULL), "not netmap's");
	same(errno, 0);
	check(!nm_open("netmap:nosuchdevice", NULL, 0, NULL), "no device");
	same(errno, ENXIO);
	check(!nm_open("netmap:x{1{2", NULL, 0, NULL), "bad name");
	same(errno, EINVAL);
	same(nm_close(NULL), EINVAL);
}

/* -------------------------------------------------------------------- packets */

static struct { int calls, len, caplen, more; char first, last; } seen;

static void take(u_char *arg, const struct nm_pkthdr *h, const u_char *buf)
{
	check(arg == (u_char *)&seen, "argument");
	check(h->buf == buf && h->slot && IS_NETMAP_DESC(h->d), "header");
	seen.calls++;
	seen.len = h->len;
	seen.caplen = h->caplen;
	seen.more += h->flags == NM_MORE_PKTS;
	seen.first = buf[0];
	seen.last = buf[h->caplen - 1];
}

static int dispatched(struct nm_desc *d, int count)
{
	memset(&seen, 0, sizeof(seen));
	same(ioctl(d->fd, NIOCRXSYNC), 0);
	return nm_dispatch(d, count, take, (u_char *)&seen);
}

static void packets(void)
{
	struct nm_desc *a = opened("{1", NULL, 0, NULL), *b = opened("}1", NULL, 0, a);
	struct netmap_ring *tx = NETMAP_TXRING(a->nifp, 0);
	struct nm_pkthdr h;
	char big[5000];
	int i;

	memset(big, 'b', sizeof(big));
	big[0] = 'a';
	big[sizeof(big) - 1] = 'c';
	for (i = 0; i < 4; i++)
		same(nm_inject(a, big, 100), 100);
	same(ioctl(a->fd, NIOCTXSYNC), 0);
	same(dispatched(b, 2), 2);
	same(seen.calls, 2);
	same(seen.more, 1);
	same(dispatched(b, -1), 2);
	same(seen.len, 100);
	same(dispatched(b, -1), 0);

	/* Several slots are one packet, in one piece where the buffers are. */
	same(nm_inject(a, big, sizeof(big)), sizeof(big));
	same(tx->head, 7);
	same(ioctl(a->fd, NIOCTXSYNC), 0);
	same(dispatched(b, 1), 1);
	same(seen.len, sizeof(big));
	same(seen.caplen, sizeof(big));
	same(seen.first, 'a');
	same(seen.last, 'c');
	same(nm_inject(a, big, sizeof(big)), sizeof(big));
	tx->slot[7].len--;
	same(nm_inject(a, big, 60), 60);
	same(ioctl(a->fd, NIOCTXSYNC), 0);
	same(dispatched(b, 1), 1);
	same(seen.len, sizeof(big) - 1);
	same(seen.caplen, 2047);

	same(*nm_nextpkt(b, &h), 'a');
	same(h.len, 60);
	check(!nm_nextpkt(b, &h), "one more");
	same(nm_inject(a, big, 1024 * 2048), 0);
	same(nm_inject(a, big, 0), 0);
}

const struct test library_tests[] = {
	{ "nm_open: names (8.3)", names },
	{ "nm_open: mappings that are shared (8.3)", sharing },
	{ "nm_open: wishes, and what the parent has (8.3)", wishes },
	{ "nm_inject, nm_dispatch, nm_nextpkt (8.3)", packets },
	{ 0 }
};
