// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * netmap-selftest [WORD]: tests /dev/netmap against docs/netmap-abi.md (sections
 * in the names), as root.  Output is TAP; the exit status is 0 if all tests, or
 * those whose names contain WORD, pass.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "selftest.h"

#define TIME_LIMIT	900	/* seconds for one test, also where all is emulated and checked */

static int test_number;

void failed(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	printf("# %s:%d: ", file, line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

/* --------------------------------------------------------------- opening ports */

int open_device(void)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);

	check(fd >= 0, "%s", strerror(errno));
	return fd;
}

int request(int fd, uint16_t type, const char *name, void *body, void *options)
{
	struct nmreq_header hdr = {
		.nr_version = NETMAP_API,
		.nr_reqtype = type,
		.nr_body = (uintptr_t)body,
		.nr_options = (uintptr_t)options,
	};

	strncpy(hdr.nr_name, name, sizeof(hdr.nr_name) - 1);
	return errno_of(ioctl(fd, NIOCCTRL, &hdr));
}

int try_open(struct port *port, const char *name, const struct how *how)
{
	static const struct how plain;
	int err;

	if (!how)
		how = &plain;
	memset(port, 0, sizeof(*port));
	port->reg.nr_mode = how->mode ? how->mode : NR_REG_ALL_NIC;
	port->reg.nr_ringid = how->ringid;
	port->reg.nr_flags = how->flags;
	port->reg.nr_mem_id = how->mem_id;
	port->reg.nr_tx_rings = how->tx_rings;
	port->reg.nr_rx_rings = how->rx_rings;
	port->reg.nr_tx_slots = how->slots;
	port->reg.nr_rx_slots = how->slots;
	port->reg.nr_extra_bufs = how->extra_bufs;
	port->fd = open_device();
	err = request(port->fd, NETMAP_REQ_REGISTER, name, &port->reg, how->options);
	if (err)
		close(port->fd);
	return err;
}

void map_port(struct port *port)
{
	port->memory = mmap(NULL, port->reg.nr_memsize, PROT_READ | PROT_WRITE,
			    MAP_SHARED, port->fd, 0);
	check(port->memory != MAP_FAILED, "%s", strerror(errno));
	port->nifp = NETMAP_IF(port->memory, port->reg.nr_offset);
}

struct port open_port(const char *name, const struct how *how)
{
	struct port port;
	int err = try_open(&port, name, how);

	check(!err, "%s: %s", name, strerror(err));
	map_port(&port);
	return port;
}

void close_port(struct port *port)
{
	munmap(port->memory, port->reg.nr_memsize);
	close(port->fd);
}

struct netmap_ring *tx_ring(const struct port *port, int i)
{
	check(port->nifp->ring_ofs[i], "no tx ring %d", i);
	return NETMAP_TXRING(port->nifp, i);
}

struct netmap_ring *rx_ring(const struct port *port, int i)
{
	check(port->nifp->ring_ofs[i + port->nifp->ni_tx_rings + 1], "no rx ring %d", i);
	return NETMAP_RXRING(port->nifp, i);
}

void txsync(const struct port *port)
{
	same(errno_of(ioctl(port->fd, NIOCTXSYNC)), 0);
}

void rxsync(const struct port *port)
{
	same(errno_of(ioctl(port->fd, NIOCRXSYNC)), 0);
}

int polled(int fd, int events, int timeout)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&pollfd, 1, timeout);
	} while (n < 0 && errno == EINTR);
	check(n >= 0, "%s", strerror(errno));
	return n ? pollfd.revents : 0;
}

/* --------------------------------------------------------------------- packets */

#define PACKET	60

void write_packet(struct netmap_ring *ring, uint32_t i, uint64_t number)
{
	struct netmap_slot *slot = &ring->slot[i];
	char *packet = NETMAP_BUF(ring, slot->buf_idx);
	int k;

	memcpy(packet, &number, sizeof(number));
	for (k = sizeof(number); k < PACKET; k++)
		packet[k] = 31 * number + k;
	slot->len = PACKET;
	slot->flags = 0;
}

void check_packet(struct netmap_ring *ring, uint32_t i, uint64_t number)
{
	struct netmap_slot *slot = &ring->slot[i];
	char *packet = NETMAP_BUF(ring, slot->buf_idx);
	uint64_t found;
	int k;

	memcpy(&found, packet, sizeof(found));
	same(found, number);
	same(slot->len, PACKET);
	for (k = sizeof(number); k < PACKET; k++)
		check(packet[k] == (char)(31 * number + k), "byte %d of packet %llu",
		      k, (unsigned long long)number);
}

void send_packets(const struct port *port, uint64_t first, uint64_t end)
{
	struct netmap_ring *ring = tx_ring(port, 0);

	while (first < end) {
		uint32_t i = ring->head, tail = get(&ring->tail);

		for (; i != tail && first < end; i = nm_ring_next(ring, i))
			write_packet(ring, i, first++);
		advance(ring, i);
		check(!(polled(port->fd, POLLOUT, 60000) & ~POLLOUT), "at %llu",
		      (unsigned long long)first);
	}
	while (nm_tx_pending(ring)) {
		put(&ring->cur, get(&ring->tail));
		polled(port->fd, POLLOUT, 1000);
	}
}

void receive_packets(const struct port *port, uint64_t first, uint64_t end)
{
	struct netmap_ring *ring = rx_ring(port, 0);

	while (first < end) {
		uint32_t i = ring->head, tail;

		same(polled(port->fd, POLLIN, 60000), POLLIN);
		tail = get(&ring->tail);
		for (; i != tail && first < end; i = nm_ring_next(ring, i))
			check_packet(ring, i, first++);
		advance(ring, i);
	}
	rxsync(port);
}

/* ------------------------------------------------------------------- processes */

pid_t spawn(void (*run)(void *argument), void *argument)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	check(pid >= 0, "%s", strerror(errno));
	if (!pid) {
		run(argument);
		_exit(0);
	}
	return pid;
}

void reap(pid_t pid)
{
	int status;

	same(waitpid(pid, &status, 0), pid);
	same(status, 0);
}

void reap_signalled(pid_t pid, int signal)
{
	int status;

	same(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == signal, "status %x", status);
}

void reap_killed(pid_t pid)
{
	kill(pid, SIGKILL);
	reap_signalled(pid, SIGKILL);
}

/* ----------------------------------------------------------------------- other */

const char *fresh(const char *suffix)
{
	static char names[4][NETMAP_REQ_IFNAMSIZ];
	static int next;
	char *name = names[next++ % 4];

	snprintf(name, NETMAP_REQ_IFNAMSIZ, "t%d%s", test_number, suffix);
	return name;
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

uint32_t random32(void)
{
	static uint64_t state;

	if (!state)
		state = 0x9e3779b97f4a7c15ULL * (test_number + 1) + getpid();
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

uint32_t free_buffers(uint16_t mem_id)
{
	struct port port;
	struct how how = { .mode = NR_REG_NULL, .mem_id = mem_id, .extra_bufs = UINT32_MAX };
	uint32_t found;

	same(try_open(&port, "count", &how), 0);
	found = port.reg.nr_extra_bufs;
	close(port.fd);
	return found;
}

long long number_in(const char *path, const char *key)
{
	char line[256];
	long long number = -1;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, strlen(key))) {
			number = strtoll(line + strlen(key), NULL, 10);
			break;
		}
	}
	if (file)
		fclose(file);
	return number;
}

/* ------------------------------------------------------------------------ main */

static bool run_test(const struct test *test)
{
	uint64_t start = now_ms();
	pid_t pid;
	int status;

	test_number++;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* Its children end with it. */
		setpgid(0, 0);
		alarm(TIME_LIMIT);
		test->run();
		fflush(stdout);
		_exit(0);
	}
	setpgid(pid, pid);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d%s\n", WTERMSIG(status),
		       WTERMSIG(status) == SIGALRM ? ": it took too long" : "");
	printf("%sok %d - %s # %.1f s\n", status ? "not " : "", test_number, test->name,
	       (now_ms() - start) / 1000.0);
	return !status;
}

int main(int argc, char **argv)
{
	const struct test *suites[] = { control_tests, ring_tests, pipe_tests,
					library_tests, kloop_tests, stress_tests };
	const char *word = argc > 1 ? argv[1] : "";
	int ran = 0, passed = 0;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		const struct test *test;

		for (test = suites[i]; test->name; test++) {
			if (!strstr(test->name, word))
				continue;
			ran++;
			passed += run_test(test);
		}
	}
	printf("1..%d\n", ran);
	printf("# %d of %d passed\n", passed, ran);
	return ran && passed == ran ? 0 : 1;
}
