// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * Numbered frames through netmap ports, for tests in a virtual machine.
 *
 *	frames send PORT COUNT		sends frames 1 ... COUNT
 *	frames check PORT COUNT		receives them, in order and unaltered,
 *					and ignores frames of other ethertypes
 *	frames forward PORT PORT COUNT	passes COUNT frames on by swapping buffers
 *	frames churn PORT TIMES		opens and closes
 *	frames hold PORT SECONDS	drops what comes; says whether the port fails
 *
 * PORT is a name as /dev/netmap takes it, such as eth0 or x{1.
 * A frame has 60 bytes: ethertype 0x88b5, its number as 8 bytes at 14 in little
 * endian, then byte i is 31 times the number plus i. The exit status is 0 if all
 * went as it should.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <net/netmap.h>
#include <net/netmap_user.h>

#define FRAME		60
#define NUMBER		14
#define PATIENCE	20000	/* ms without a packet or room */

struct port {
	const char *name;
	int fd;
	void *memory;
	size_t size;
	uint16_t mem_id;
	struct netmap_if *nifp;
	struct netmap_ring *tx;
	struct netmap_ring *rx;
};

static void die(const char *what, const char *name)
{
	fprintf(stderr, "frames: %s %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static void open_port(struct port *port, const char *name, uint64_t flags)
{
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ALL_NIC,
		.nr_flags = flags,
	};
	struct nmreq_header hdr = {
		.nr_version = NETMAP_API,
		.nr_reqtype = NETMAP_REQ_REGISTER,
		.nr_body = (uintptr_t)&reg,
	};

	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	port->name = name;
	port->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (port->fd < 0 || ioctl(port->fd, NIOCCTRL, &hdr) < 0)
		die("cannot open", name);
	port->size = reg.nr_memsize;
	port->mem_id = reg.nr_mem_id;
	port->memory = mmap(NULL, port->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, port->fd, 0);
	if (port->memory == MAP_FAILED)
		die("cannot map", name);
	port->nifp = NETMAP_IF(port->memory, reg.nr_offset);
	port->tx = NETMAP_TXRING(port->nifp, 0);
	port->rx = NETMAP_RXRING(port->nifp, 0);
}

static void close_port(struct port *port)
{
	munmap(port->memory, port->size);
	close(port->fd);
}

static void wait_for(struct port *port, short events)
{
	struct pollfd pfd = { .fd = port->fd, .events = events };
	int ready = poll(&pfd, 1, PATIENCE);

	if (ready < 0)
		die("poll", port->name);
	if (ready == 0) {
		struct netmap_ring *ring = events & POLLIN ? port->rx : port->tx;

		fprintf(stderr, "frames: %s: nothing for %d ms; head %u, cur %u, tail %u\n",
			port->name, PATIENCE, ring->head, ring->cur, ring->tail);
		exit(1);
	}
	if (pfd.revents & POLLERR) {
		fprintf(stderr, "frames: %s: the port has failed\n", port->name);
		exit(2);
	}
}

static void fill(unsigned char *frame, uint64_t number)
{
	static const unsigned char header[NUMBER] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0,
		0x88, 0xb5
	};
	int i;

	memcpy(frame, header, NUMBER);
	for (i = 0; i < 8; i++)
		frame[NUMBER + i] = number >> 8 * i;
	for (i = NUMBER + 8; i < FRAME; i++)
		frame[i] = number * 31 + i;
}

/* A kernel's stack may have sent something else. */
static int numbered(const unsigned char *frame)
{
	return frame[12] == 0x88 && frame[13] == 0xb5;
}

static int verify(const unsigned char *frame, unsigned int length, uint64_t number)
{
	unsigned char expected[FRAME];
	uint64_t is = 0;
	int i;

	fill(expected, number);
	if (length == FRAME && !memcmp(frame, expected, FRAME))
		return 1;
	for (i = 7; i >= 0; i--)
		is = is << 8 | frame[NUMBER + i];
	fprintf(stderr, "frames: instead of frame %llu, one with number %llu and %u bytes\n",
		(unsigned long long)number, (unsigned long long)is, length);
	return 0;
}

static void drain(struct port *port)
{
	while (nm_tx_pending(port->tx)) {
		ioctl(port->fd, NIOCTXSYNC, NULL);
		usleep(1000);
	}
}

static int send_frames(const char *name, uint64_t count)
{
	struct port port;
	uint64_t sent = 0;

	open_port(&port, name, NR_TX_RINGS_ONLY);
	while (sent < count) {
		struct netmap_ring *ring = port.tx;
		uint32_t space = nm_ring_space(ring);

		if (!space) {
			wait_for(&port, POLLOUT);
			continue;
		}
		for (; space && sent < count; space--) {
			struct netmap_slot *slot = &ring->slot[ring->head];

			fill((unsigned char *)NETMAP_BUF(ring, slot->buf_idx), ++sent);
			slot->len = FRAME;
			slot->flags = 0;
			ring->head = nm_ring_next(ring, ring->head);
		}
		ring->cur = ring->head;
		ioctl(port.fd, NIOCTXSYNC, NULL);
	}
	drain(&port);
	close_port(&port);
	return 0;
}

static int check_frames(const char *name, uint64_t count)
{
	struct port port;
	uint64_t received = 0;

	open_port(&port, name, NR_RX_RINGS_ONLY);
	while (received < count) {
		struct netmap_ring *ring = port.rx;

		wait_for(&port, POLLIN);
		while (!nm_ring_empty(ring) && received < count) {
			struct netmap_slot *slot = &ring->slot[ring->head];
			unsigned char *frame = (unsigned char *)NETMAP_BUF(ring, slot->buf_idx);

			if (numbered(frame) && !verify(frame, slot->len, ++received))
				return 1;
			ring->head = nm_ring_next(ring, ring->head);
		}
		ring->cur = ring->head;
	}
	ioctl(port.fd, NIOCRXSYNC, NULL);
	close_port(&port);
	return 0;
}

/* Moves what it can from one port to the other; both are in one region. */
static uint32_t swap_slots(struct netmap_ring *rx, struct netmap_ring *tx)
{
	uint32_t count = nm_ring_space(rx), room = nm_ring_space(tx), i;

	if (count > room)
		count = room;
	for (i = 0; i < count; i++) {
		struct netmap_slot *from = &rx->slot[rx->head];
		struct netmap_slot *to = &tx->slot[tx->head];
		uint32_t index = to->buf_idx;

		to->buf_idx = from->buf_idx;
		to->len = from->len;
		to->flags = NS_BUF_CHANGED;
		from->buf_idx = index;
		from->flags = NS_BUF_CHANGED;
		rx->head = nm_ring_next(rx, rx->head);
		tx->head = nm_ring_next(tx, tx->head);
	}
	rx->cur = rx->head;
	tx->cur = tx->head;
	return count;
}

static int forward(const char *from, const char *to, uint64_t count)
{
	struct port in, out;
	uint64_t passed = 0;

	open_port(&in, from, 0);
	open_port(&out, to, 0);
	if (in.mem_id != out.mem_id) {
		fprintf(stderr, "frames: %s and %s are in regions %u and %u\n",
			from, to, in.mem_id, out.mem_id);
		return 1;
	}
	while (passed < count) {
		if (nm_ring_empty(in.rx))
			wait_for(&in, POLLIN);
		if (nm_ring_empty(out.tx))
			wait_for(&out, POLLOUT);
		passed += swap_slots(in.rx, out.tx);
		ioctl(out.fd, NIOCTXSYNC, NULL);
	}
	ioctl(in.fd, NIOCRXSYNC, NULL);
	drain(&out);
	close_port(&in);
	close_port(&out);
	return 0;
}

static int churn(const char *name, uint64_t times)
{
	struct port port;

	while (times--) {
		open_port(&port, name, 0);
		ioctl(port.fd, NIOCRXSYNC, NULL);
		ioctl(port.fd, NIOCTXSYNC, NULL);
		close_port(&port);
	}
	return 0;
}

/* Drops what comes until the time is over or the port fails. */
static int hold(const char *name, uint64_t seconds)
{
	struct port port;
	struct pollfd pfd = { .events = POLLIN };
	time_t end = time(NULL) + (time_t)seconds;

	open_port(&port, name, 0);
	pfd.fd = port.fd;
	while (time(NULL) < end && !(pfd.revents & POLLERR)) {
		port.rx->head = port.rx->tail;
		port.rx->cur = port.rx->tail;
		poll(&pfd, 1, 1000);
	}
	printf("%s: %s\n", name, pfd.revents & POLLERR ? "error" : "alive");
	if (ioctl(port.fd, NIOCRXSYNC, NULL))
		printf("%s: receiving: %s\n", name, strerror(errno));
	close_port(&port);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	struct timespec begin, end;
	int status;
	double took;

	setlinebuf(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (!strcmp(what, "send"))
		status = send_frames(argv[2], strtoull(argv[3], NULL, 0));
	else if (!strcmp(what, "check"))
		status = check_frames(argv[2], strtoull(argv[3], NULL, 0));
	else if (!strcmp(what, "forward") && argc > 4)
		status = forward(argv[2], argv[3], strtoull(argv[4], NULL, 0));
	else if (!strcmp(what, "churn"))
		status = churn(argv[2], strtoull(argv[3], NULL, 0));
	else if (!strcmp(what, "hold"))
		status = hold(argv[2], strtoull(argv[3], NULL, 0));
	else {
		fprintf(stderr, "frames: send|check PORT COUNT, forward PORT PORT COUNT, churn PORT TIMES, hold PORT SECONDS\n");
		return 64;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	took = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("frames: %s %s: %s, %.2f s\n", what, argv[2],
	       status ? "FAILED" : "ok", took);
	return status;
}
