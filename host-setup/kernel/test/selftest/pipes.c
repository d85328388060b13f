// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Pipes: slots that change hands, between processes that may die (9). */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

static void slot_is(struct netmap_ring *ring, int i, uint32_t index, int len, int flags)
{
	same(ring->slot[i].buf_idx, index);
	same(ring->slot[i].len, len);
	same(ring->slot[i].flags, flags);
}

static void window_is(struct netmap_ring *ring, uint32_t head, uint32_t tail)
{
	same(ring->head, head);
	same(ring->cur, head);
	same(ring->tail, tail);
}

static void set_slot(struct netmap_ring *ring, int i, int len, int flags)
{
	ring->slot[i].len = len;
	ring->slot[i].flags = flags;
}

/* The golden trace: what each step leaves at both ends. */
static void trace(void)
{
	struct how four = { .slots = 4, .extra_bufs = 2 };
	struct port a = open_port(fresh("{1"), &four), b = open_port(fresh("}1"), NULL);
	struct netmap_ring *tx = tx_ring(&a, 0), *rx = rx_ring(&b, 0);
	uint32_t base = tx->slot[0].buf_idx, extra = a.nifp->ni_bufs_head;
	uint32_t second = *(uint32_t *)NETMAP_BUF(tx, extra);

	set_slot(tx, 0, 60, 0);
	set_slot(tx, 1, 61, NS_BUF_CHANGED);
	tx->slot[1].buf_idx = extra;
	advance(tx, 2);
	txsync(&a);
	window_is(tx, 2, 3);
	slot_is(tx, 1, extra, 61, 0);
	window_is(rx, 0, 0);
	slot_is(rx, 1, extra, 61, NS_BUF_CHANGED);
	rxsync(&b);
	window_is(rx, 0, 2);

	/* Half a packet is not shown. */
	set_slot(tx, 2, 62, NS_MOREFRAG);
	advance(tx, 3);
	txsync(&a);
	rxsync(&b);
	window_is(rx, 0, 2);
	slot_is(rx, 2, base + 2, 62, NS_MOREFRAG);

	/* A buffer that is swapped in travels back. */
	rx->slot[0].buf_idx = second;
	rx->slot[0].flags = NS_BUF_CHANGED;
	advance(rx, 1);
	rxsync(&b);
	window_is(rx, 1, 2);
	slot_is(rx, 0, second, 60, 0);
	window_is(tx, 3, 3);
	slot_is(tx, 0, second, 60, NS_BUF_CHANGED);
	txsync(&a);
	window_is(tx, 3, 0);

	set_slot(tx, 3, 63, 0);
	advance(tx, 0);
	txsync(&a);
	window_is(tx, 0, 0);
	rxsync(&b);
	window_is(rx, 1, 0);
	slot_is(rx, 3, base + 3, 63, 0);
}

struct transfer {
	const char *name;
	uint32_t slots;
	uint64_t packets;
};

static void receiver(void *argument)
{
	struct transfer *transfer = argument;
	struct port port = open_port(transfer->name, &(struct how) { .slots = transfer->slots });

	receive_packets(&port, 0, transfer->packets);
}

static void between_processes(void)
{
	static const uint32_t slots[] = { 2, 3, 64, 1024 };
	size_t i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		char names[2][16];
		struct transfer transfer = { names[1], slots[i], slots[i] < 10 ? 2000 : 100000 };
		struct port port;
		pid_t pid;

		sprintf(names[0], "p%zu{1", i);
		sprintf(names[1], "p%zu}1", i);
		pid = spawn(receiver, &transfer);
		port = open_port(names[0], &(struct how) { .slots = slots[i] });
		send_packets(&port, 0, transfer.packets);
		reap(pid);
		close_port(&port);
	}
}

/* Packets go on to a second pipe of the region by swapping buffers. */
static void forwarder(void *argument)
{
	struct port in = open_port("chain}1", NULL), out = open_port("chain{2", NULL);
	struct netmap_ring *rx = rx_ring(&in, 0), *tx = tx_ring(&out, 0);

	(void)argument;
	same(in.reg.nr_mem_id, out.reg.nr_mem_id);
	for (;;) {
		uint32_t i = rx->head, k = tx->head;

		polled(in.fd, POLLIN, 1000);
		polled(out.fd, POLLOUT, 1000);
		while (i != get(&rx->tail) && k != get(&tx->tail)) {
			struct netmap_slot *from = &rx->slot[i], *to = &tx->slot[k];
			uint32_t index = from->buf_idx;

			from->buf_idx = to->buf_idx;
			to->buf_idx = index;
			to->len = from->len;
			to->flags = from->flags = NS_BUF_CHANGED;
			i = nm_ring_next(rx, i);
			k = nm_ring_next(tx, k);
		}
		advance(rx, i);
		advance(tx, k);
	}
}

static void zero_copy_chain(void)
{
	struct transfer transfer = { "chain}2", 0, 100000 };
	struct port port = open_port("chain{1", NULL);
	struct port keeper = open_port("chain}2", NULL);
	uint32_t buffers = free_buffers(port.reg.nr_mem_id);
	pid_t middle = spawn(forwarder, NULL), end = spawn(receiver, &transfer);

	send_packets(&port, 0, transfer.packets);
	reap(end);
	reap_killed(middle);
	same(free_buffers(port.reg.nr_mem_id), buffers);
	close_port(&keeper);
	same(free_buffers(port.reg.nr_mem_id), buffers + 2 * 1024);
}

/* Packets 0 to n - 1, which stay in the ring. */
static void send_packets_unread(struct port *port, uint32_t n)
{
	struct netmap_ring *ring = tx_ring(port, 0);
	uint32_t i;

	for (i = 0; i < n; i++)
		write_packet(ring, i, i);
	advance(ring, n);
	txsync(port);
}

static void reopened(void)
{
	struct port a = open_port(fresh("{1"), &(struct how) { .slots = 8 }), b;
	struct netmap_ring *rx;
	uint32_t i;

	/* What is sent before the other end is open waits for it. */
	send_packets_unread(&a, 5);
	b = open_port(fresh("}1"), NULL);
	rx = rx_ring(&b, 0);
	rxsync(&b);
	same(rx->tail, 5);
	check_packet(rx, 0, 0);
	advance(rx, 2);
	rxsync(&b);
	close_port(&b);
	/* And goes on where the last one ended. */
	b = open_port(fresh("}1"), &(struct how) { .slots = 100 });
	rx = rx_ring(&b, 0);
	same(rx->num_slots, 8);
	window_is(rx, 2, 5);
	for (i = 2; i < 5; i++)
		check_packet(rx, i, i);
	close_port(&b);
	close_port(&a);
	/* A pipe whose ends are closed is no more. */
	a = open_port(fresh("{1"), &(struct how) { .slots = 16 });
	window_is(tx_ring(&a, 0), 0, 15);
}

static void several_descriptors(void)
{
	struct port a = open_port(fresh("{1"), &(struct how) { .slots = 8 });
	struct port b = open_port(fresh("{1"), NULL), peer = open_port(fresh("}1"), NULL);
	uint32_t buffers = free_buffers(a.reg.nr_mem_id);
	struct port half;

	check(a.reg.nr_offset != b.reg.nr_offset, "one netmap_if for two");
	advance(tx_ring(&a, 0), 3);
	txsync(&b);
	close_port(&a);
	rxsync(&peer);
	same(rx_ring(&peer, 0)->tail, 3);
	advance(tx_ring(&b, 0), 5);
	txsync(&b);
	rxsync(&peer);
	same(rx_ring(&peer, 0)->tail, 5);
	same(free_buffers(b.reg.nr_mem_id), buffers);

	/* Directions may be opened one by one. */
	close_port(&b);
	half = open_port(fresh("{1"), &(struct how) { .flags = NR_TX_RINGS_ONLY });
	window_is(tx_ring(&half, 0), 5, 7);
	check(!half.nifp->ring_ofs[2], "a receive ring");
}

static void of_pipes(void)
{
	struct port a = open_port(fresh("}1{x"), &(struct how) { .slots = 8 });
	struct port b = open_port(fresh("}1}x"), NULL), parent = open_port(fresh("{1"), NULL);
	struct port other = open_port(fresh("{x"), NULL);

	same(a.reg.nr_mem_id, b.reg.nr_mem_id);
	same(a.reg.nr_mem_id, parent.reg.nr_mem_id);
	same(a.reg.nr_mem_id, other.reg.nr_mem_id);
	advance(tx_ring(&a, 0), 1);
	txsync(&a);
	rxsync(&b);
	same(rx_ring(&b, 0)->tail, 1);
	same(other.reg.nr_tx_slots, 1024);
}

/* Of what is no device they have a region of their own. */
static void regions(void)
{
	struct port a = open_port("lo{1", NULL), b = open_port("lo{2", NULL);
	struct port own = open_port(fresh("{1"), NULL);

	same(a.reg.nr_mem_id, 1);
	same(a.nifp->ni_flags, 0);
	same(b.reg.nr_mem_id, 1);
	check(own.reg.nr_mem_id > 1, "the global region");
	same(own.nifp->ni_flags, NI_PRIV_MEM);
}

static void at_most_64(void)
{
	struct port ports[65];
	char name[32];
	int i;

	for (i = 0; i < 65; i++) {
		sprintf(name, "many{%d", i);
		same(try_open(&ports[i], name, &(struct how) { .slots = 2, .mem_id = 1 }),
		     i < 50 ? 0 : i == 64 ? EINVAL : ENOMEM);
		/* The global region has rings for 50 pairs. */
		if (i >= 50)
			break;
	}
}

static void wait_for_packet(void *argument)
{
	struct port *port = argument;

	same(polled(port->fd, POLLIN, 60000), POLLIN);
}

static void wait_for_room(void *argument)
{
	struct port *port = argument;

	same(polled(port->fd, POLLOUT, 60000), POLLOUT);
}

static void wakes(void)
{
	struct port a = open_port(fresh("{1"), &(struct how) { .slots = 4 });
	struct port b = open_port(fresh("}1"), NULL);
	struct netmap_ring *tx = tx_ring(&a, 0), *rx = rx_ring(&b, 0);
	int i;

	for (i = 0; i < 100; i++) {
		pid_t pid = spawn(wait_for_packet, &b);
		uint64_t start;

		sleep_ms(random32() % 20);
		advance(tx, tx->tail);
		start = now_ms();
		txsync(&a);
		reap(pid);
		check(now_ms() - start < 5000, "woke after %llu ms",
		      (unsigned long long)(now_ms() - start));

		pid = spawn(wait_for_room, &a);
		sleep_ms(random32() % 20);
		rxsync(&b);
		advance(rx, rx->tail);
		rxsync(&b);
		reap(pid);
		txsync(&a);
	}
}

static void sleepy_receiver(void *argument)
{
	struct port port = open_port(argument, NULL);
	struct netmap_ring *ring = rx_ring(&port, 0);
	uint64_t number = 0;

	while (number < 20000) {
		same(polled(port.fd, POLLIN, 20000), POLLIN);
		while (ring->head != get(&ring->tail)) {
			check_packet(ring, ring->head, number++);
			advance(ring, nm_ring_next(ring, ring->head));
		}
	}
}

/* No wake-up is lost, wherever the other side is when it comes. */
static void no_wakeup_lost(void)
{
	char *name = strdup(fresh("}1"));
	struct port port = open_port(fresh("{1"), &(struct how) { .slots = 16 });
	struct netmap_ring *ring = tx_ring(&port, 0);
	pid_t pid = spawn(sleepy_receiver, name);
	uint64_t number;

	for (number = 0; number < 20000; number++) {
		volatile uint32_t spin = random32() % 4096;

		while (spin--)
			;
		if (!nm_ring_space(ring))
			same(polled(port.fd, POLLOUT, 20000), POLLOUT);
		write_packet(ring, ring->head, number);
		advance(ring, nm_ring_next(ring, ring->head));
		txsync(&port);
	}
	reap(pid);
}

static void sync_forever(void *argument)
{
	struct port port = open_port(argument, NULL);
	struct netmap_ring *tx = tx_ring(&port, 0), *rx = rx_ring(&port, 0);

	for (;;) {
		polled(port.fd, POLLIN | POLLOUT, 0);
		advance(tx, tx->tail);
		advance(rx, rx->tail);
	}
}

/* Whenever a process dies, all buffers are found again, and its successor goes on. */
static void killed(void)
{
	struct port keeper = open_port(fresh("{0"), &(struct how) { .slots = 16 });
	uint32_t buffers = free_buffers(keeper.reg.nr_mem_id);
	char *name = strdup(fresh("{1")), *peer = strdup(fresh("}1"));
	int i;

	for (i = 0; i < 100; i++) {
		pid_t a = spawn(sync_forever, name), b = spawn(sync_forever, peer);

		sleep_ms(random32() % 15);
		reap_killed(a);
		if (i % 2) {
			a = spawn(sync_forever, name);
			sleep_ms(random32() % 10);
			reap_killed(a);
		}
		reap_killed(b);
		same(free_buffers(keeper.reg.nr_mem_id), buffers);
	}
}

/* A successor finds a transfer where the dead left it. */
static void taken_over(void)
{
	struct transfer transfer = { strdup(fresh("}1")), 64, UINT64_MAX };
	struct port port = open_port(fresh("{1"), &(struct how) { .slots = 64 });
	struct netmap_ring *tx = tx_ring(&port, 0);
	struct port heir;
	struct netmap_ring *rx;
	uint64_t number = 0, next, i;
	pid_t pid = spawn(receiver, &transfer);

	for (i = 0; i < 20000; i++) {
		if (!nm_ring_space(tx))
			same(polled(port.fd, POLLOUT, 20000), POLLOUT);
		write_packet(tx, tx->head, number++);
		advance(tx, nm_ring_next(tx, tx->head));
		txsync(&port);
	}
	reap_killed(pid);
	heir = open_port(transfer.name, NULL);
	rx = rx_ring(&heir, 0);
	txsync(&port);
	rxsync(&heir);
	next = number - nm_ring_space(rx);
	while (rx->head != rx->tail) {
		check_packet(rx, rx->head, next++);
		advance(rx, nm_ring_next(rx, rx->head));
	}
	same(next, number);
}

/* Half of a swap of a packet with an empty buffer: one in two slots, one in none. */
struct torn {
	bool rx_first;		/* which slot is written before the end comes */
	bool close_tx_first;
};

static void torn_swap(void *argument)
{
	struct torn *torn = argument;
	struct port in, out;
	struct netmap_slot *from, *to;

	if (torn->close_tx_first) {
		out = open_port("torn{2", NULL);
		in = open_port("torn}1", NULL);
	} else {
		in = open_port("torn}1", NULL);
		out = open_port("torn{2", NULL);
	}
	rxsync(&in);
	from = &rx_ring(&in, 0)->slot[3];
	to = &tx_ring(&out, 0)->slot[5];
	if (torn->rx_first)
		__atomic_store_n(&from->buf_idx, to->buf_idx, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(&to->buf_idx, from->buf_idx, __ATOMIC_SEQ_CST);
	raise(SIGKILL);
}

static void torn_swap_is_mended(void)
{
	struct port keeper = open_port("torn{1", &(struct how) { .slots = 16 });
	struct port other = open_port("torn}2", &(struct how) { .slots = 16 });
	uint32_t buffers = free_buffers(keeper.reg.nr_mem_id), i, k, round;

	send_packets_unread(&keeper, 8);
	for (round = 0; round < 4; round++) {
		struct torn torn = { round & 1, round & 2 };
		struct port in, out;

		reap_signalled(spawn(torn_swap, &torn), SIGKILL);
		in = open_port("torn}1", NULL);
		out = open_port("torn{2", NULL);
		for (i = 0; i < 16; i++)
			for (k = 0; k < 16; k++)
				check(i >= 8 || rx_ring(&in, 0)->slot[i].buf_idx !=
				      tx_ring(&out, 0)->slot[k].buf_idx, "slots %u, %u", i, k);
		for (i = 0; i < 8; i++)
			check_packet(rx_ring(&in, 0), i, i);
		same(free_buffers(keeper.reg.nr_mem_id), buffers);
		close_port(&in);
		close_port(&out);
		same(free_buffers(keeper.reg.nr_mem_id), buffers);
	}
	close_port(&other);
	same(free_buffers(keeper.reg.nr_mem_id), buffers + 2 * 16);
}

const struct test pipe_tests[] = {
	{ "golden trace of a pipe (9)", trace },
	{ "packets between processes (9)", between_processes },
	{ "a chain of pipes by swapping buffers (2.8, 9)", zero_copy_chain },
	{ "an end that is opened again (9)", reopened },
	{ "several descriptors on one end (9)", several_descriptors },
	{ "pipes of pipes (8.1)", of_pipes },
	{ "regions of pipes (2.8)", regions },
	{ "many pipes of one parent (9)", at_most_64 },
	{ "who waits is woken (4.3)", wakes },
	{ "no wake-up is lost (4.3)", no_wakeup_lost },
	{ "kill -9 of both ends loses no buffer (4.5)", killed },
	{ "the successor of a process that was killed (9)", taken_over },
	{ "half a swap is mended (4.5)", torn_swap_is_mended },
	{ 0 }
};
