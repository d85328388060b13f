// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Many, often, at once, and with malice. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

#define MODULE	"/sys/module/netmap/"

static void open_and_close(void)
{
	long long users = number_in(MODULE "refcnt", ""), before = 0, after;
	int i;

	for (i = 0; i < 1200; i++) {
		struct port a, b;

		if (i == 200)
			before = number_in("/proc/meminfo", "MemAvailable:");
		a = open_port(fresh("{1"), &(struct how) { .slots = 64, .extra_bufs = i % 10 });
		b = open_port(fresh("}1"), NULL);
		same(a.reg.nr_offset, 0);
		same(a.nifp->ring_ofs[0], 32768);
		send_packets(&a, 0, 0);
		memset(NETMAP_BUF(tx_ring(&a, 0), 2), 1, 100 * 2048);
		advance(tx_ring(&a, 0), i % 63);
		txsync(&a);
		rxsync(&b);
		close_port(i % 2 ? &a : &b);
		close_port(i % 2 ? &b : &a);
	}
	after = number_in("/proc/meminfo", "MemAvailable:");
	same(number_in(MODULE "refcnt", ""), users);
	/* A thousand times 200 KiB of buffers would be much more. */
	check(before - after < 8192, "%lld KiB are missing", before - after);
}

/* Every request at random, over names that are shared. */
static void random_requests(void *argument)
{
	struct port ports[4];
	bool open[4] = { false };
	uint64_t end = now_ms() + (uintptr_t)argument;

	while (now_ms() < end) {
		int i = random32() % 4;
		struct nmreq_port_info_get info = { 0 };
		struct how how = {
			.mode = random32() % 8 ? NR_REG_ALL_NIC : random32() % 10,
			.flags = random32() % 2 ? 0 : random32() & 0x3e800,
			.mem_id = random32() % 4 ? 0 : random32() % 4,
			.tx_rings = random32() % 4,
			.rx_rings = random32() % 4,
			.slots = random32() % 40,
			.extra_bufs = random32() % 100,
		};
		char name[24];

		if (open[i]) {
			int events = random32() % 2 ? POLLIN : POLLIN | POLLOUT;
			uint32_t k;

			for (k = 0; k < random32() % 20; k++) {
				polled(ports[i].fd, events, 0);
				ioctl(ports[i].fd, random32() % 2 ? NIOCTXSYNC : NIOCRXSYNC);
			}
			if (random32() % 2) {
				close(ports[i].fd);
				munmap(ports[i].memory, ports[i].reg.nr_memsize);
			} else {
				close_port(&ports[i]);
			}
			open[i] = false;
			continue;
		}
		sprintf(name, "s%u%c%u", random32() % 2, random32() % 2 ? '{' : '}', random32() % 3);
		if (!(random32() % 4)) {
			int fd = open_device();

			request(fd, NETMAP_REQ_PORT_INFO_GET, name, &info, NULL);
			close(fd);
		} else if (!try_open(&ports[i], name, &how)) {
			map_port(&ports[i]);
			open[i] = true;
		}
	}
}

static void concurrent_requests(void)
{
	pid_t pids[4];
	int i;

	for (i = 0; i < 4; i++)
		pids[i] = spawn(random_requests, (void *)10000);
	for (i = 0; i < 4; i++)
		reap(pids[i]);
}

/* Random words over all that is mapped but packets. */
static void scribble(void *argument)
{
	struct port *port = argument;
	size_t words = 421888 / 4;
	uint32_t *memory = port->memory;
	uint32_t i;

	for (i = 0; ; i++) {
		if (i % 4)
			/* What matters most: the headers of rings, netmap_ifs, first slots. */
			memory[(random32() % 5 * 20480 + (random32() % 5 ? 12288 : 0)) / 4 +
			       random32() % 96] = random32() % 2 ? random32() % 70 : random32();
		else
			memory[random32() % words] = random32();
	}
}

static void sync_all(void *argument)
{
	struct port *port = argument;

	for (;;) {
		ioctl(port->fd, NIOCTXSYNC);
		ioctl(port->fd, NIOCRXSYNC);
		polled(port->fd, POLLIN | POLLOUT, 0);
	}
}

static void hostile_memory(void)
{
	struct how small = { .slots = 64, .extra_bufs = 20 };
	int i, k;

	for (i = 0; i < 12; i++) {
		struct port a = open_port(fresh("{1"), &small), b = open_port(fresh("}1"), &small);
		pid_t pids[4];

		pids[0] = spawn(scribble, &a);
		pids[1] = spawn(sync_all, &a);
		pids[2] = spawn(sync_all, &b);
		pids[3] = spawn(scribble, &b);
		sleep_ms(500);
		if (i % 2)
			close_port(&a);
		for (k = 0; k < 4; k++)
			reap_killed(pids[k]);
		if (!(i % 2))
			close_port(&a);
		close_port(&b);
	}
	/* All that was broken is gone with its region. */
	same(open_port(fresh("{1"), NULL).reg.nr_memsize, 42369024);
}

static void *sync_thread(void *argument)
{
	struct port *port = argument;
	uint64_t end = now_ms() + 3000;

	while (now_ms() < end) {
		same(ioctl(port->fd, NIOCRXSYNC), 0);
		same(ioctl(port->fd, NIOCTXSYNC), 0);
		polled(port->fd, POLLOUT, 0);
	}
	return NULL;
}

/* Threads that sync one ring at once do not disturb each other or a transfer. */
static void one_ring_many_threads(void)
{
	struct port a = open_port(fresh("{1"), &(struct how) { .slots = 64 });
	struct port b = open_port(fresh("}1"), NULL);
	pthread_t threads[4];
	uint64_t number = 0, seen = 0, end = now_ms() + 3000;
	struct netmap_ring *tx = tx_ring(&a, 0), *rx = rx_ring(&b, 0);
	int i;

	for (i = 0; i < 4; i++)
		same(pthread_create(&threads[i], NULL, sync_thread, i % 2 ? &a : &b), 0);
	while (now_ms() < end) {
		uint32_t tail = get(&tx->tail);

		for (; tx->head != tail; advance(tx, nm_ring_next(tx, tx->head)))
			write_packet(tx, tx->head, number++);
		/* Others sync for us. */
		tail = get(&rx->tail);
		for (; rx->head != tail; advance(rx, nm_ring_next(rx, rx->head)))
			check_packet(rx, rx->head, seen++);
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	check(seen > 100, "only %llu packets", (unsigned long long)seen);
}

static void wait_forever(void *argument)
{
	struct port *port = argument;

	polled(port->fd, POLLIN, -1);
	failed(__FILE__, __LINE__, "woke for nothing");
}

/* poll() sleeps: it takes no time, and can be killed. */
static void idle(void)
{
	struct port port = open_port(fresh("}1"), NULL);
	char path[64], line[512];
	unsigned long user, system;
	pid_t pid = spawn(wait_forever, &port);
	FILE *file;

	sleep_ms(3000);
	sprintf(path, "/proc/%d/stat", pid);
	file = fopen(path, "r");
	check(file && fgets(line, sizeof(line), file), "%s", path);
	fclose(file);
	same(sscanf(strrchr(line, ')'), ") S %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		    &user, &system), 2);
	check(user + system < 10, "%lu ticks", user + system);
	reap_killed(pid);
}

const struct test stress_tests[] = {
	{ "1000 times open and close: no leak (4.5)", open_and_close },
	{ "random requests of several processes", concurrent_requests },
	{ "hostile memory (19)", hostile_memory },
	{ "many threads on one ring (3.7)", one_ring_many_threads },
	{ "who waits uses no time (4.3)", idle },
	{ 0 }
};
