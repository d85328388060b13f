/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the parts of netmap-selftest share. */
#ifndef _SELFTEST_H_
#define _SELFTEST_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <net/netmap.h>
#include <net/netmap_user.h>

/* A test runs in a process of its own; it fails by a check that does not hold. */
struct test {
	const char *name;
	void (*run)(void);
};

extern const struct test control_tests[], ring_tests[], pipe_tests[], library_tests[],
	kloop_tests[], stress_tests[];

void failed(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define check(condition, ...)						\
	do {								\
		if (!(condition))					\
			failed(__FILE__, __LINE__, #condition "; " __VA_ARGS__); \
	} while (0)

/* Compares two integers, and prints both. */
#define same(what, expected)						\
	do {								\
		long long _what = (long long)(what);			\
		long long _expected = (long long)(expected);		\
									\
		if (_what != _expected)					\
			failed(__FILE__, __LINE__, "%s is %lld, not %lld", \
			       #what, _what, _expected);		\
	} while (0)

/* Evaluates to 0, or to the errno of a call that returned -1. */
#define errno_of(call)	((call) < 0 ? errno : 0)

/* An open port. */
struct port {
	int fd;
	struct nmreq_register reg;
	void *memory;
	struct netmap_if *nifp;
};

/* How to open one; what is left out is 0. */
struct how {
	uint32_t mode, ringid;
	uint64_t flags;
	uint16_t mem_id, tx_rings, rx_rings;
	uint32_t slots, extra_bufs;
	void *options;
};

int open_device(void);
/* The request of that type and name: 0 or an errno. */
int request(int fd, uint16_t type, const char *name, void *body, void *options);
/* REGISTER, without mapping: 0 or an errno. */
int try_open(struct port *port, const char *name, const struct how *how);
/* REGISTER and mapping, which must work. */
struct port open_port(const char *name, const struct how *how);
void map_port(struct port *port);
void close_port(struct port *port);

struct netmap_ring *tx_ring(const struct port *port, int i);
struct netmap_ring *rx_ring(const struct port *port, int i);
void txsync(const struct port *port);
void rxsync(const struct port *port);
/* poll(2): what came of it. */
int polled(int fd, int events, int timeout);

/* Indices that are shared with the kernel or with another process. */
static inline uint32_t get(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static inline void put(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static inline void advance(struct netmap_ring *ring, uint32_t head)
{
	put(&ring->cur, head);
	put(&ring->head, head);
}

/* Numbered packets: all of the payload depends on the number. */
void write_packet(struct netmap_ring *ring, uint32_t slot, uint64_t number);
void check_packet(struct netmap_ring *ring, uint32_t slot, uint64_t number);
/* Sends, or receives and checks, packets first to end - 1, sleeping in poll(). */
void send_packets(const struct port *port, uint64_t first, uint64_t end);
void receive_packets(const struct port *port, uint64_t first, uint64_t end);

/* Runs a function in a child; ends with 0 unless a check there fails. */
pid_t spawn(void (*run)(void *argument), void *argument);
void reap(pid_t pid);
void reap_signalled(pid_t pid, int signal);
void reap_killed(pid_t pid);	/* kills it */

/* A parent of pipes that no other test uses, followed by suffix. */
const char *fresh(const char *suffix);
uint64_t now_ms(void);
void sleep_ms(unsigned int ms);
uint32_t random32(void);

/* Buffers that a region still has: takes them all, and gives them back. */
uint32_t free_buffers(uint16_t mem_id);
/* The number in a file; -1 where there is none. */
long long number_in(const char *path, const char *key);

#endif /* _SELFTEST_H_ */
