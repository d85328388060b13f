// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* What is in the region, and the rules of one ring. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "selftest.h"

/* The example of 2.10: what lies where in a fresh region. */
static void region(void)
{
	struct port master = open_port(fresh("{1"), NULL);
	struct port slave = open_port(fresh("}1"), NULL);
	struct netmap_if *nifp = master.nifp;
	struct netmap_ring *tx = tx_ring(&master, 0), *rx = rx_ring(&master, 0);
	uint32_t i;

	same(master.reg.nr_offset, 0);
	same(master.reg.nr_memsize, 42369024);
	same(master.reg.nr_host_tx_rings, 0);
	same(strcmp(nifp->ni_name, fresh("{1")), 0);
	same(nifp->ni_flags, NI_PRIV_MEM);
	same(nifp->ni_tx_rings, 1);
	same(nifp->ni_rx_rings, 1);
	same(nifp->ni_host_tx_rings, 1);
	same(nifp->ni_host_rx_rings, 1);
	same(nifp->ni_bufs_head, 0);
	same(nifp->ring_ofs[0], 32768);
	same(nifp->ring_ofs[1], 0);
	same(nifp->ring_ofs[2], 12288);
	same(nifp->ring_ofs[3], 0);
	same(rx->buf_ofs, 409600);
	same(tx->buf_ofs, 389120);
	same(tx->num_slots, 1024);
	same(tx->nr_buf_size, 2048);
	same(tx->ringid, 0);
	same(tx->dir, 1);
	same(rx->dir, 0);
	same(tx->offset_mask, 0);
	same(tx->tail, 1023);
	same(tx->head, 0);
	same(rx->tail, 0);
	for (i = 0; i < 1024; i++) {
		same(rx->slot[i].buf_idx, 2 + i);
		same(tx->slot[i].buf_idx, 1026 + i);
		same(tx->slot[i].len, 2048);
		same(tx->slot[i].flags, 0);
	}

	same(slave.reg.nr_offset, 1024);
	same(slave.nifp->ring_ofs[0], 72704);
	same(slave.nifp->ring_ofs[2], 52224);
	for (i = 0; i < 1024; i++) {
		same(tx_ring(&slave, 0)->slot[i].buf_idx, 2 + i);
		same(rx_ring(&slave, 0)->slot[i].buf_idx, 1026 + i);
	}
	/* Both see the same memory. */
	strcpy(NETMAP_BUF(tx, 1500), "shared");
	same(strcmp(NETMAP_BUF(rx_ring(&slave, 0), 1500), "shared"), 0);
}

static void one_ring(void)
{
	struct how three = { .tx_rings = 3, .rx_rings = 2, .slots = 16 };
	struct port all = open_port(fresh("{1"), &three);
	struct port one = open_port(fresh("}1"), &(struct how) { .mode = NR_REG_ONE_NIC,
							       .ringid = 2 });
	struct port none = open_port(fresh("{1"), &(struct how) {
				     .flags = NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY });
	int i;

	same(all.reg.nr_tx_rings, 3);
	same(all.reg.nr_rx_rings, 2);
	same(one.reg.nr_tx_rings, 2);
	same(one.reg.nr_rx_rings, 3);
	for (i = 0; i < 3; i++) {
		same(tx_ring(&all, i)->ringid, i);
		same(one.nifp->ring_ofs[3 + i] != 0, i == 2);
	}
	/* In the direction without that ring it is ring 0. */
	check(one.nifp->ring_ofs[0] && !one.nifp->ring_ofs[1], "transmit rings");
	for (i = 0; i < 7; i++)
		same(none.nifp->ring_ofs[i], 0);
	txsync(&none);
	rxsync(&none);
}

static void exclusive(void)
{
	struct how x = { .mode = NR_REG_ONE_NIC, .flags = NR_EXCLUSIVE, .tx_rings = 2,
			 .rx_rings = 2, .slots = 16 };
	struct port first, second, third;

	same(try_open(&first, fresh("{1"), &x), 0);
	same(try_open(&second, fresh("{1"), NULL), EBUSY);
	same(try_open(&second, fresh("}1"), &x), 0);
	x.ringid = 1;
	same(try_open(&third, fresh("{1"), &x), 0);
	same(try_open(&second, fresh("{1"), &(struct how) { .mode = NR_REG_ONE_NIC,
							  .ringid = 1 }), EBUSY);
	close(third.fd);
	same(try_open(&third, fresh("{1"), &(struct how) { .mode = NR_REG_ONE_NIC,
							 .ringid = 1 }), 0);
	same(try_open(&second, fresh("{1"), &x), EBUSY);
}

static void sizes(void)
{
	struct port port;

	port = open_port(fresh("{1"), &(struct how) { .slots = 100000, .tx_rings = 1 });
	same(port.reg.nr_tx_slots, 4096);
	same(port.reg.nr_rx_slots, 4096);
	close_port(&port);
	/* As large as it may be: too large for the region, but no worse. */
	same(try_open(&port, fresh("{2"), &(struct how) { .slots = 4096, .tx_rings = 60000,
							.rx_rings = 60000 }), ENOMEM);
	port = open_port("n", &(struct how) { .mode = NR_REG_NULL, .mem_id = 1, .tx_rings = 2,
					    .slots = 2000 });
	same(port.reg.nr_tx_rings, 2);
	same(port.reg.nr_rx_rings, 0);
	same(tx_ring(&port, 1)->num_slots, 2000);
	advance(tx_ring(&port, 1), 7);
	txsync(&port);
	same(tx_ring(&port, 1)->head, 7);
	same(tx_ring(&port, 1)->tail, 1999);
}

static void extra_buffers(void)
{
	struct port port = open_port(fresh("{1"), &(struct how) { .slots = 16, .extra_bufs = 5 });
	struct netmap_ring *ring = tx_ring(&port, 0);
	uint32_t i = port.nifp->ni_bufs_head, n = 0, total;
	struct port rest;

	same(port.reg.nr_extra_bufs, 5);
	/* The last one allocated comes first. */
	same(i, 2 + 2 * 16 + 4);
	for (; i; i = *(uint32_t *)NETMAP_BUF(ring, i), n++)
		check(i >= 2 && i < 40, "buffer %u", i);
	same(n, 5);
	/* Fewer than wished are no error. */
	rest = open_port("all", &(struct how) { .mode = NR_REG_NULL, .mem_id = port.reg.nr_mem_id,
					      .extra_bufs = UINT32_MAX });
	total = rest.reg.nr_extra_bufs;
	check(total > 4098 - 100, "only %u", total);
	same(free_buffers(port.reg.nr_mem_id), 0);
	close_port(&rest);
	same(free_buffers(port.reg.nr_mem_id), total);
}

/* A list that is broken is followed as far as it makes sense, each buffer once. */
static void hostile_extra_buffers(void)
{
	static const uint32_t bad[] = { 0, 1, 12, 30, 4097, 1000000, UINT32_MAX };
	struct port keeper = open_port(fresh("{1"), &(struct how) { .slots = 16 });
	uint32_t free = free_buffers(keeper.reg.nr_mem_id);
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct port port = open_port("n", &(struct how) { .mode = NR_REG_NULL,
					     .mem_id = keeper.reg.nr_mem_id, .extra_bufs = 8,
					     .tx_rings = 1, .slots = 8 });
		struct netmap_ring *ring = tx_ring(&port, 0);
		uint32_t head = port.nifp->ni_bufs_head;

		*(uint32_t *)NETMAP_BUF(ring, head) = bad[i] == 12 ? head : bad[i];
		if (bad[i] == 30)
			port.nifp->ni_bufs_head = UINT32_MAX;
		close_port(&port);
	}
	/* Others' buffers are still theirs, and none is had twice. */
	check(free_buffers(keeper.reg.nr_mem_id) <= free + 1, "buffers out of nothing");
	close_port(&keeper);
}

/* All of [head, cur, tail] that a ring of 4 slots can be given: accepted or put right. */
static void entry_checks(void)
{
	static const uint32_t values[] = { 0, 1, 2, 3, 4, 5, UINT32_MAX };
	struct port tx_port = open_port(fresh("{1"), &(struct how) { .slots = 4 });
	struct port rx_port = open_port(fresh("}1"), NULL);
	struct netmap_ring *tx = tx_ring(&tx_port, 0), *rx = rx_ring(&rx_port, 0);
	int start, h, c;

	for (start = 0; start < 4; start++) {
		for (h = 0; h < 7; h++) {
			for (c = 0; c < 7; c++) {
				uint32_t head = values[h], cur = values[c];
				uint32_t from = tx->head, tail = tx->tail;
				bool legal = head < 4 && cur < 4 &&
					(head - from) % 4 <= (cur - from) % 4 &&
					(cur - from) % 4 <= (tail - from) % 4;

				tx->cur = cur;
				tx->head = head;
				tx->tail = 99;
				txsync(&tx_port);
				same(tx->head, legal ? head : from);
				same(tx->cur, legal ? cur : from);
				same(tx->tail, tail);
				/* Whatever went through comes back. */
				rxsync(&rx_port);
				advance(rx, rx->tail);
				rxsync(&rx_port);
				advance(tx, tx->head);
				txsync(&tx_port);
				same(nm_ring_space(tx), 3);
			}
		}
		advance(tx, (tx->head + 1) % 4);
		txsync(&tx_port);
		rxsync(&rx_port);
		advance(rx, rx->tail);
		rxsync(&rx_port);
		txsync(&tx_port);
	}
}

static void violation(void)
{
	struct port tx_port = open_port(fresh("{1"), &(struct how) { .slots = 8 });
	struct port rx_port = open_port(fresh("}1"), NULL);
	struct netmap_ring *tx = tx_ring(&tx_port, 0), *rx = rx_ring(&rx_port, 0);
	uint32_t good = tx->slot[4].buf_idx;

	advance(tx, 3);
	txsync(&tx_port);
	tx->slot[1].buf_idx = 1;
	tx->slot[2].buf_idx = UINT32_MAX;
	tx->slot[4].len = 2049;
	advance(tx, 99);
	/* The ioctl does not tell. */
	txsync(&tx_port);
	same(tx->head, 3);
	same(tx->slot[1].buf_idx, 0);
	same(tx->slot[2].buf_idx, 0);
	same(tx->slot[2].len, 0);
	same(tx->slot[4].buf_idx, good);
	same(tx->slot[4].len, 0);

	advance(tx, 99);
	same(polled(tx_port.fd, POLLOUT, 0), POLLERR | POLLOUT);
	same(polled(tx_port.fd, POLLOUT, 0), POLLOUT);
	/* Beyond the tail, backwards: refused as often as it is tried. */
	advance(tx, 0);
	same(polled(tx_port.fd, POLLOUT, 0), POLLERR | POLLOUT);
	advance(tx, 0);
	same(polled(tx_port.fd, POLLOUT, 0), POLLERR | POLLOUT);
	same(tx->head, 3);

	rxsync(&rx_port);
	same(rx->tail, 3);
	advance(rx, 5);
	same(polled(rx_port.fd, POLLIN, 0), POLLERR | POLLIN);
	same(rx->head, 0);
	same(rx->tail, 3);
}

static void poll_rules(void)
{
	struct how small = { .slots = 4 }, lazy = { .flags = NR_NO_TX_POLL };
	struct port a = open_port(fresh("{1"), &small), b = open_port(fresh("}1"), &lazy);
	struct netmap_ring *tx = tx_ring(&a, 0), *rx = rx_ring(&b, 0), *back = tx_ring(&b, 0);

	same(polled(a.fd, POLLIN | POLLOUT, 0), POLLOUT);
	same(polled(a.fd, POLLOUT | POLLWRNORM, 0), POLLOUT | POLLWRNORM);
	same(polled(b.fd, POLLIN, 0), 0);
	/* Any poll sends what is due ... */
	advance(tx, 1);
	same(polled(a.fd, POLLIN, 0), 0);
	same(polled(b.fd, POLLIN | POLLRDNORM, 0), POLLIN | POLLRDNORM);
	same(rx->tail, 1);
	/* ... unless it was told not to. */
	advance(back, 1);
	same(polled(b.fd, POLLIN, 0), POLLIN);
	same(polled(a.fd, POLLIN, 0), 0);
	same(polled(b.fd, POLLOUT, 0), POLLOUT);
	same(polled(a.fd, POLLIN, 0), POLLIN);
	/* cur says what to wait for: more than the packet that is there. */
	put(&rx->cur, 1);
	same(polled(b.fd, POLLIN, 0), 0);
	advance(tx, 3);
	txsync(&a);
	same(polled(b.fd, POLLIN, 0), POLLIN);
	/* Full: room is there once the other end gives it back. */
	advance(tx, tx->tail);
	same(polled(a.fd, POLLOUT, 0), 0);
	advance(rx, 2);
	rxsync(&b);
	same(polled(a.fd, POLLOUT, 0), POLLOUT);
}

static void timestamps(void)
{
	struct port port = open_port(fresh("}1"), NULL);
	struct netmap_ring *rx = rx_ring(&port, 0);
	struct timeval now;
	double age;

	same(rx->ts.tv_sec, 0);
	rxsync(&port);
	gettimeofday(&now, NULL);
	age = now.tv_sec - rx->ts.tv_sec + (now.tv_usec - rx->ts.tv_usec) / 1e6;
	check(age >= 0 && age < 10, "%f s", age);
}

static void epoll(void)
{
	struct port a = open_port(fresh("{1"), &(struct how) { .slots = 16 });
	struct port b = open_port(fresh("}1"), NULL);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = epoll_create1(0), i;

	same(epoll_ctl(fd, EPOLL_CTL_ADD, b.fd, &event), 0);
	for (i = 0; i < 10; i++) {
		same(epoll_wait(fd, &event, 1, 0), 0);
		advance(tx_ring(&a, 0), i + 1);
		txsync(&a);
		same(epoll_wait(fd, &event, 1, 1000), 1);
		same(event.events, EPOLLIN);
	}
}

const struct test ring_tests[] = {
	{ "what lies where in a fresh region (2.2 to 2.4, 2.10)", region },
	{ "one ring, some rings, no rings (5.3)", one_ring },
	{ "exclusive rings (5.3)", exclusive },
	{ "wishes for sizes, null ports (5.3, 9, 14)", sizes },
	{ "extra buffers (2.7)", extra_buffers },
	{ "hostile lists of extra buffers (2.7, 19)", hostile_extra_buffers },
	{ "head and cur: all that are allowed, and no others (3.3)", entry_checks },
	{ "violations are put right (3.4)", violation },
	{ "poll (4.3)", poll_rules },
	{ "time stamps (2.6)", timestamps },
	{ "epoll (4.3)", epoll },
	{ 0 }
};
