// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Control blocks, and the loop that serves rings through them (15). */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

#define RINGS	2	/* of a port with one per direction: transmit, receive */

/* A port that is used through control blocks, as a virtual machine does. */
struct machine {
	struct port port;
	struct nm_csb_atok *atok;
	struct nm_csb_ktoa *ktoa;
	int kick[RINGS], irq[RINGS];
	uint32_t sleep_us;
	bool events;
	pthread_t thread;
	int result;
};

static void *blocks(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(memory != MAP_FAILED, "%s", strerror(errno));
	return memory;
}

static struct nmreq_opt_csb csb_option(void *atok, void *ktoa)
{
	return (struct nmreq_opt_csb) {
		.nro_opt.nro_reqtype = NETMAP_REQ_OPT_CSB,
		.csb_atok = (uintptr_t)atok,
		.csb_ktoa = (uintptr_t)ktoa,
	};
}

static struct machine new_machine(const char *name, uint32_t slots, bool events)
{
	struct machine machine = { .atok = blocks(), .ktoa = blocks(), .events = events };
	struct nmreq_opt_csb csb = csb_option(machine.atok, machine.ktoa);
	int i;

	machine.port = open_port(name, &(struct how) { .slots = slots, .flags = NR_EXCLUSIVE,
						     .options = &csb });
	same(csb.nro_opt.nro_status, 0);
	for (i = 0; i < RINGS; i++) {
		machine.kick[i] = eventfd(0, EFD_CLOEXEC);
		machine.irq[i] = eventfd(0, EFD_CLOEXEC);
	}
	return machine;
}

static int start_with_status(struct machine *machine, uint32_t *status)
{
	struct nmreq_sync_kloop_start body = { .sleep_us = machine->sleep_us };
	union {
		struct nmreq_opt_sync_kloop_eventfds option;
		char bytes[sizeof(struct nmreq_option) + 8 * RINGS];
	} fds = { .option.nro_opt = { .nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
				      .nro_size = sizeof(fds) } };
	int i, err;

	for (i = 0; i < RINGS; i++) {
		fds.option.eventfds[i].ioeventfd = machine->kick[i];
		fds.option.eventfds[i].irqfd = machine->irq[i];
	}
	err = request(machine->port.fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body,
		      machine->events ? &fds : NULL);
	*status = fds.option.nro_opt.nro_status;
	return err;
}

static int start(struct machine *machine)
{
	uint32_t status;
	int err = start_with_status(machine, &status);

	if (machine->events)
		same(status, err);
	return err;
}

static void *loop_thread(void *argument)
{
	struct machine *machine = argument;

	machine->result = start(machine);
	return NULL;
}

static void start_loop(struct machine *machine)
{
	same(pthread_create(&machine->thread, NULL, loop_thread, machine), 0);
}

/* Also where it does not run yet. */
static void stop_loop(struct machine *machine)
{
	same(request(machine->port.fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL), 0);
	same(pthread_join(machine->thread, NULL), 0);
	same(machine->result, 0);
}

/* --------------------------------------------------------------- a user's side */

static void publish(struct machine *machine, int ring, uint32_t head)
{
	uint64_t one = 1;

	nm_sync_kloop_appl_write(&machine->atok[ring], head, head);
	nm_stld_barrier();
	if (get(&machine->ktoa[ring].kern_need_kick))
		same(write(machine->kick[ring], &one, sizeof(one)), sizeof(one));
}

/* Waits until the kernel's tail is not this one. */
static uint32_t wait_for_tail(struct machine *machine, int ring, uint32_t head)
{
	struct nm_csb_ktoa *ktoa = &machine->ktoa[ring];
	uint64_t count;

	for (;;) {
		if (get(&ktoa->hwtail) != head)
			break;
		put(&machine->atok[ring].appl_need_kick, 1);
		nm_stld_barrier();
		if (get(&ktoa->hwtail) != head)
			break;
		if (!machine->events) {
			sleep_ms(1);
			continue;
		}
		same(polled(machine->irq[ring], POLLIN, 20000), POLLIN);
		same(read(machine->irq[ring], &count, sizeof(count)), sizeof(count));
	}
	put(&machine->atok[ring].appl_need_kick, 0);
	return get(&ktoa->hwtail);
}

static void machine_sends(struct machine *machine, uint64_t packets)
{
	struct netmap_ring *ring = tx_ring(&machine->port, 0);
	uint32_t head = machine->atok[0].head;
	uint64_t number = 0;

	while (number < packets) {
		uint32_t tail = wait_for_tail(machine, 0, head);

		for (; head != tail && number < packets; head = nm_ring_next(ring, head))
			write_packet(ring, head, number++);
		publish(machine, 0, head);
	}
}

static void machine_receives(struct machine *machine, uint64_t packets)
{
	struct netmap_ring *ring = rx_ring(&machine->port, 0);
	uint32_t head = machine->atok[1].head;
	uint64_t number = 0;

	while (number < packets) {
		uint32_t tail = wait_for_tail(machine, 1, head);

		for (; head != tail; head = nm_ring_next(ring, head))
			check_packet(ring, head, number++);
		publish(machine, 1, head);
	}
}

/* ----------------------------------------------------------------------- tests */

static void errors(void)
{
	struct nm_csb_atok *atok = blocks();
	struct nm_csb_ktoa *ktoa = blocks();
	struct nmreq_opt_csb csb = csb_option(atok, ktoa);
	struct how plain = { .options = &csb }, x = { .flags = NR_EXCLUSIVE, .options = &csb };
	struct nmreq_sync_kloop_start body = { 0 };
	struct nmreq_opt_sync_kloop_mode mode = {
		.nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_MODE, .mode = 4 };
	struct port port;
	int fd = open_device();

	same(try_open(&port, fresh("{1"), &plain), EINVAL);
	same(csb.nro_opt.nro_status, EINVAL);
	csb.csb_atok += 8;
	same(try_open(&port, fresh("{1"), &x), EINVAL);
	csb = csb_option((void *)4096, ktoa);
	same(try_open(&port, fresh("{1"), &x), EFAULT);
	same(csb.nro_opt.nro_status, EFAULT);
	csb = csb_option(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			 (void *)0xffff888000000000);
	same(try_open(&port, fresh("{1"), &x), EFAULT);
	/* Nothing is left of all these. */
	same(try_open(&port, fresh("{1"), &(struct how) { .flags = NR_EXCLUSIVE }), 0);

	csb = csb_option(atok, ktoa);
	same(request(fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body, NULL), ENXIO);
	same(request(fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL), ENXIO);
	same(request(port.fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body, NULL), EINVAL);
	same(request(port.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, NULL), EINVAL);
	same(request(port.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &csb), 0);
	same(request(port.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &csb), 0);
	same(errno_of(ioctl(port.fd, NIOCTXSYNC)), EBUSY);
	same(polled(port.fd, POLLIN, 0), POLLERR);
	body.sleep_us = 1000001;
	same(request(port.fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body, NULL), EINVAL);
	same(request(port.fd, NETMAP_REQ_SYNC_KLOOP_START, "", &body, &mode), EINVAL);
	same(mode.nro_opt.nro_status, EINVAL);
	same(request(port.fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL), 0);
}

static void initial_blocks(void)
{
	struct port port = open_port(fresh("{1"), &(struct how) { .slots = 8,
							      .flags = NR_EXCLUSIVE });
	struct nm_csb_atok *atok = blocks();
	struct nm_csb_ktoa *ktoa = blocks();
	struct nmreq_opt_csb csb = csb_option(atok, ktoa);

	advance(tx_ring(&port, 0), 3);
	txsync(&port);
	memset(ktoa, 0xff, 4096);
	same(request(port.fd, NETMAP_REQ_CSB_ENABLE, "", NULL, &csb), 0);
	same(atok[0].head, 3);
	same(atok[0].cur, 3);
	same(atok[0].appl_need_kick, 1);
	same(ktoa[0].hwcur, 3);
	same(ktoa[0].hwtail, 7);
	same(ktoa[0].kern_need_kick, 1);
	same(ktoa[0].pad[0], 0);
	same(ktoa[1].hwtail, 0);
	same(ktoa[2].hwcur, 0xffffffff);
}

static void bad_eventfds(void)
{
	struct machine machine = new_machine(fresh("{1"), 8, true);
	int good = machine.irq[1];

	machine.irq[1] = 12345;
	same(start(&machine), EBADF);
	machine.irq[1] = machine.port.fd;
	same(start(&machine), EINVAL);
	machine.irq[1] = good;
	machine.kick[0] = machine.port.fd;
	same(start(&machine), EINVAL);
}

static void stop_races(void)
{
	struct machine machine = new_machine(fresh("{1"), 8, true);
	int i;

	/* A loop that is stopped before it runs does not, once. */
	same(request(machine.port.fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL), 0);
	same(request(machine.port.fd, NETMAP_REQ_SYNC_KLOOP_STOP, "", NULL, NULL), 0);
	same(start(&machine), 0);
	start_loop(&machine);
	sleep_ms(100);
	check(pthread_tryjoin_np(machine.thread, NULL) == EBUSY, "the loop is out");
	same(start(&machine), EBUSY);
	stop_loop(&machine);
	for (i = 0; i < 200; i++) {
		start_loop(&machine);
		if (i % 3)
			sleep_ms(i % 3);
		stop_loop(&machine);
	}
}

struct end {
	const char *name;
	uint64_t packets;
};

static void end_receives(void *argument)
{
	struct end *end = argument;
	struct port port = open_port(end->name, NULL);

	receive_packets(&port, 0, end->packets);
}

static void end_sends(void *argument)
{
	struct end *end = argument;
	struct port port = open_port(end->name, NULL);

	send_packets(&port, 0, end->packets);
}

static void data_both_ways(bool events, uint64_t packets)
{
	struct end end = { strdup(fresh("}1")), packets };
	struct machine machine = new_machine(fresh("{1"), 64, events);
	pid_t pid;

	machine.sleep_us = 100;
	start_loop(&machine);
	pid = spawn(end_receives, &end);
	machine_sends(&machine, packets);
	reap(pid);
	pid = spawn(end_sends, &end);
	machine_receives(&machine, packets);
	reap(pid);
	stop_loop(&machine);
}

static void by_events(void)
{
	data_both_ways(true, 50000);
}

static void by_time(void)
{
	data_both_ways(false, 20000);
}

static void *send_thread(void *argument)
{
	machine_sends(argument, 20000);
	return NULL;
}

static void two_machines(void)
{
	struct machine a = new_machine(fresh("{1"), 64, true);
	struct machine b = new_machine(fresh("}1"), 64, true);
	pthread_t sender;

	start_loop(&a);
	start_loop(&b);
	same(pthread_create(&sender, NULL, send_thread, &a), 0);
	machine_receives(&b, 20000);
	pthread_join(sender, NULL);
	stop_loop(&a);
	stop_loop(&b);
}

/* One packet at a time, with gaps: each must be answered without a timeout's help. */
static void no_wakeup_lost(void)
{
	struct machine a = new_machine(fresh("{1"), 16, true);
	struct machine b = new_machine(fresh("}1"), 16, true);
	struct netmap_ring *tx = tx_ring(&a.port, 0), *rx = rx_ring(&b.port, 0);
	uint32_t head = 0, seen = 0, i;

	start_loop(&a);
	start_loop(&b);
	for (i = 0; i < 3000; i++) {
		volatile uint32_t spin = random32() % 8192;
		uint64_t start_of = now_ms();

		while (spin--)
			;
		wait_for_tail(&a, 0, head);
		write_packet(tx, head, i);
		head = nm_ring_next(tx, head);
		publish(&a, 0, head);
		check(wait_for_tail(&b, 1, seen) == nm_ring_next(rx, seen), "packet %u", i);
		check_packet(rx, seen, i);
		seen = nm_ring_next(rx, seen);
		publish(&b, 1, seen);
		check(now_ms() - start_of < 2000, "packet %u after %llu ms", i,
		      (unsigned long long)(now_ms() - start_of));
	}
	stop_loop(&a);
	stop_loop(&b);
}

/* What is published before STOP is served before it returns. */
static void served_once_more(void)
{
	struct machine machine = new_machine(fresh("{1"), 16, false);
	struct port peer = open_port(fresh("}1"), NULL);

	machine.sleep_us = 1000000;
	start_loop(&machine);
	sleep_ms(50);
	nm_sync_kloop_appl_write(&machine.atok[0], 3, 3);
	stop_loop(&machine);
	rxsync(&peer);
	same(rx_ring(&peer, 0)->tail, 3);
	same(machine.ktoa[0].hwcur, 3);
}

static void bad_slots(void)
{
	struct machine machine = new_machine(fresh("{1"), 16, true);
	struct port peer = open_port(fresh("}1"), NULL);
	struct netmap_ring *tx = tx_ring(&machine.port, 0), *rx = rx_ring(&peer, 0);
	uint32_t index = tx->slot[3].buf_idx;

	tx->slot[0].buf_idx = UINT32_MAX;
	tx->slot[1].buf_idx = 1;
	tx->slot[2].len = 2049;
	tx->slot[3].flags = NS_INDIRECT | NS_BUF_CHANGED;
	tx->slot[3].ptr = UINT64_MAX;
	start_loop(&machine);
	publish(&machine, 0, 4);
	same(polled(peer.fd, POLLIN, 10000), POLLIN);
	same(rx->tail, 4);
	same(rx->slot[0].buf_idx, 0);
	same(rx->slot[0].len, 0);
	same(rx->slot[1].buf_idx, 0);
	same(rx->slot[2].len, 0);
	same(rx->slot[3].buf_idx, index);
	same(rx->slot[3].flags, NS_BUF_CHANGED);
	stop_loop(&machine);
}

/* Indices out of bounds are not taken, and the kernel asks to be told better. */
static void bad_indices(void)
{
	struct machine machine = new_machine(fresh("{1"), 16, true);
	struct port peer = open_port(fresh("}1"), NULL);
	uint64_t one = 1;

	start_loop(&machine);
	sleep_ms(20);
	put(&machine.atok[0].cur, 99);
	put(&machine.atok[0].head, UINT32_MAX);
	same(write(machine.kick[0], &one, 8), 8);
	sleep_ms(50);
	same(get(&machine.ktoa[0].hwcur), 0);
	same(get(&machine.ktoa[0].kern_need_kick), 1);
	publish(&machine, 0, 5);
	same(polled(peer.fd, POLLIN, 10000), POLLIN);
	same(rx_ring(&peer, 0)->tail, 5);
	stop_loop(&machine);
}

static void hostile_machine(void)
{
	struct machine machine = new_machine(fresh("{1"), 64, true);
	struct port peer = open_port(fresh("}1"), NULL);
	uint64_t one = 1;
	int i;

	start_loop(&machine);
	for (i = 0; i < 200000; i++) {
		uint32_t *words = random32() % 2 ? (uint32_t *)machine.atok : (uint32_t *)machine.ktoa;
		struct netmap_ring *ring = random32() % 2 ? tx_ring(&machine.port, 0) :
							    rx_ring(&machine.port, 0);
		uint32_t value = random32() % 4 ? random32() % 80 : random32();

		words[random32() % 32] = value;
		ring->slot[random32() % 64].buf_idx = value;
		ring->slot[random32() % 64].flags = random32();
		ring->slot[random32() % 64].len = random32();
		if (!(i % 16))
			same(write(machine.kick[random32() % RINGS], &one, 8), 8);
		if (!(i % 64)) {
			rxsync(&peer);
			advance(rx_ring(&peer, 0), rx_ring(&peer, 0)->tail);
			advance(tx_ring(&peer, 0), tx_ring(&peer, 0)->tail);
			txsync(&peer);
		}
		check(rx_ring(&peer, 0)->tail < 64, "tail");
	}
	stop_loop(&machine);
}

static void run_loop(void *argument)
{
	struct machine machine = new_machine(argument, 64, true);

	start(&machine);
}

static void kill_loop(void)
{
	char *name = strdup(fresh("{1"));
	struct port port;
	int i;

	for (i = 0; i < 50; i++) {
		pid_t pid = spawn(run_loop, name);

		sleep_ms(5 + i);
		reap_killed(pid);
		same(try_open(&port, name, &(struct how) { .flags = NR_EXCLUSIVE }), 0);
		close(port.fd);
	}
}

/* One eventfd for all: kicks that the loop gives itself do not keep it running. */
static void one_eventfd(void)
{
	struct machine machine = new_machine(fresh("{1"), 16, true);
	struct port peer = open_port(fresh("}1"), NULL);
	int i;

	for (i = 0; i < RINGS; i++)
		machine.irq[i] = machine.kick[i] = machine.kick[0];
	start_loop(&machine);
	publish(&machine, 0, 3);
	same(polled(peer.fd, POLLIN, 10000), POLLIN);
	advance(rx_ring(&peer, 0), 3);
	rxsync(&peer);
	stop_loop(&machine);
}

/* Memory of the blocks may go: the loop has its own hold on it. */
static void blocks_unmapped(void)
{
	struct machine machine = new_machine(fresh("{1"), 16, true);
	struct port peer = open_port(fresh("}1"), NULL);

	start_loop(&machine);
	publish(&machine, 0, 3);
	same(polled(peer.fd, POLLIN, 10000), POLLIN);
	munmap(machine.atok, 4096);
	munmap(machine.ktoa, 4096);
	advance(rx_ring(&peer, 0), 3);
	rxsync(&peer);
	sleep_ms(50);
	stop_loop(&machine);
}

/* Lets the nth allocation of this thread fail, 0: none.  Returns how far the last one is. */
static int fail_allocation(int file, int nth)
{
	char text[16] = "";
	int left;

	check(pread(file, text, sizeof(text) - 1, 0) > 0, "%s", strerror(errno));
	left = atoi(text);
	snprintf(text, sizeof(text), "%d", nth);
	check(pwrite(file, text, strlen(text), 0) > 0, "%s", strerror(errno));
	return left;
}

/* One allocation after the other fails: the request says so, and leaves nothing behind. */
static void failing_allocations(void)
{
	int file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), nth, left;
	void *atok = blocks(), *ktoa = blocks();
	struct machine machine;

	if (file < 0) {
		printf("# this kernel cannot make allocations fail\n");
		return;
	}
	for (nth = 1, left = 0; !left; nth++) {
		struct nmreq_opt_csb csb = csb_option(atok, ktoa);
		struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE,
					      .nr_extra_bufs = 3 };
		const char *name = fresh("{1");
		int err, fd = open_device();

		fail_allocation(file, nth);
		err = request(fd, NETMAP_REQ_REGISTER, name, &reg, &csb);
		left = fail_allocation(file, 0);
		if (err) {
			check(!left, "%s", strerror(err));
			same(err, ENOMEM);
			same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &csb), 0);
		}
		close(fd);
	}
	check(nth > 10, "only %d allocations", nth);

	/* What is no eventfd ends the loop before it begins. */
	machine = new_machine(fresh("{1"), 64, true);
	machine.irq[RINGS - 1] = machine.port.fd;
	for (nth = 1, left = 0; !left; nth++) {
		uint32_t status;
		int err;

		fail_allocation(file, nth);
		err = start_with_status(&machine, &status);
		left = fail_allocation(file, 0);
		/* Some allocations the kernel can do without. */
		check(err == EINVAL || (err == ENOMEM && !left), "%s", strerror(err));
	}
	check(nth > 3, "only %d allocations", nth);
}

const struct test kloop_tests[] = {
	{ "CSB and loop: errors (15.1, 15.3)", errors },
	{ "CSB as it begins (15.1)", initial_blocks },
	{ "loop: bad eventfds (15.3)", bad_eventfds },
	{ "loop: start and stop (15.3)", stop_races },
	{ "loop: packets both ways, by events (15.4)", by_events },
	{ "loop: packets both ways, by time (15.3)", by_time },
	{ "loop: two machines on a pipe (15)", two_machines },
	{ "loop: no wake-up is lost (15.6)", no_wakeup_lost },
	{ "loop: what was published is served before it ends", served_once_more },
	{ "loop: bad slots reach nobody (19)", bad_slots },
	{ "loop: bad indices (19)", bad_indices },
	{ "loop: hostile machine (19)", hostile_machine },
	{ "loop: kill -9 (15.3)", kill_loop },
	{ "loop: one eventfd for all", one_eventfd },
	{ "loop: blocks that are unmapped (19)", blocks_unmapped },
	{ "allocations that fail (5, 15)", failing_allocations },
	{ 0 }
};
