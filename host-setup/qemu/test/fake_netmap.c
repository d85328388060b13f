/*
 * Netmap's device as QEMU's passthrough=on uses it, to be preloaded: one port
 * with one ring each way, which gives back on its receive ring what is sent.
 *
 * FAKE_NETMAP_PORT: "REGION_FD MEMSIZE NIFP_OFFSET SLOTS IF_SIZE RINGS_OFFSET
 * RING_SIZE BUFFERS_OFFSET BUFFERS". What goes wrong is up to FAKE_NETMAP_FAULT:
 *   register=ERRNO  csb=ERRNO  start=ERRNO   the request fails
 *   late            the loop takes a while to run
 *   remembers       a STOP without a loop ends the next one
 *   ends            the loop ends when it is kicked
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <net/netmap.h>

/* Any character device does: QEMU never gets to see it. */
#define DEVICE "/dev/full"

static struct {
	int fd;
	unsigned long long size, nifp;
	unsigned int slots, if_size;
	unsigned long long rings_offset;
	unsigned int ring_size;
	unsigned long long buffers_offset;
	unsigned int buffers;
} port;

static char *memory;
static struct nm_csb_atok *user;	/* of the transmit ring, then the receive ring */
static struct nm_csb_ktoa *kernel;
static atomic_bool running, stop, remembered;

static bool fault(const char *name)
{
	const char *wanted = getenv("FAKE_NETMAP_FAULT");

	return wanted && !strcmp(wanted, name);
}

static int failure(const char *request)
{
	const char *wanted = getenv("FAKE_NETMAP_FAULT");
	size_t length = strlen(request);

	if (!wanted || strncmp(wanted, request, length) || wanted[length] != '=')
		return 0;
	return atoi(wanted + length + 1);
}

static struct netmap_slot *slots_of(int ring)
{
	struct netmap_if *nifp = (struct netmap_if *)(memory + port.nifp);

	return ((struct netmap_ring *)((char *)nifp + nifp->ring_ofs[2 * ring]))->slot;
}

static uint32_t next(uint32_t i)
{
	return i + 1 == port.slots ? 0 : i + 1;
}

/* From the transmit to the receive ring, by swapping buffers. True if something moved. */
static bool loop_back(void)
{
	uint32_t head = __atomic_load_n(&user[0].head, __ATOMIC_ACQUIRE);
	uint32_t released = __atomic_load_n(&user[1].head, __ATOMIC_ACQUIRE);
	bool moved = false;

	kernel[1].hwcur = released;
	while (kernel[0].hwcur != head && next(kernel[1].hwtail) != released) {
		struct netmap_slot *from = &slots_of(0)[kernel[0].hwcur], *to = &slots_of(1)[kernel[1].hwtail];
		struct netmap_slot sent = *from;

		*from = *to;
		*to = sent;
		kernel[0].hwcur = next(kernel[0].hwcur);
		kernel[0].hwtail = next(kernel[0].hwtail);
		__atomic_store_n(&kernel[1].hwtail, next(kernel[1].hwtail), __ATOMIC_RELEASE);
		moved = true;
	}
	return moved;
}

static void signal_eventfd(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void serve(const struct nmreq_opt_sync_kloop_eventfds *events)
{
	struct pollfd kicks[2] = {
		{ .fd = events->eventfds[0].ioeventfd, .events = POLLIN },
		{ .fd = events->eventfds[1].ioeventfd, .events = POLLIN },
	};

	while (!stop) {
		kernel[0].kern_need_kick = kernel[1].kern_need_kick = 0;
		if (loop_back()) {
			signal_eventfd(events->eventfds[0].irqfd);
			signal_eventfd(events->eventfds[1].irqfd);
		}
		kernel[0].kern_need_kick = kernel[1].kern_need_kick = 1;
		if (poll(kicks, 2, 10) > 0) {
			uint64_t count;

			for (int i = 0; i < 2; i++)
				if (kicks[i].revents && read(kicks[i].fd, &count, sizeof(count)) < 0)
					abort();
			if (fault("ends"))
				return;
		}
	}
}

static int kloop_start(const struct nmreq_opt_sync_kloop_eventfds *events)
{
	if (failure("start"))
		return failure("start");
	if (!user || events->nro_opt.nro_size != sizeof(*events) + 2 * sizeof(events->eventfds[0]))
		return EINVAL;
	if (fault("late"))
		usleep(100000);
	if (atomic_exchange(&remembered, false))
		return 0;
	running = true;
	serve(events);
	stop = false;
	running = false;
	return 0;
}

static int kloop_stop(void)
{
	if (!running && fault("remembers"))
		remembered = true;
	if (running)
		stop = true;
	while (running)
		usleep(100);
	return 0;
}

static int csb_enable(const struct nmreq_opt_csb *csb)
{
	uint32_t sent = 0, received = 0;

	if (failure("csb"))
		return failure("csb");
	if (running)
		return EBUSY;
	if (user) {
		sent = kernel[0].hwcur;
		received = kernel[1].hwcur;
	}
	user = (struct nm_csb_atok *)csb->csb_atok;
	kernel = (struct nm_csb_ktoa *)csb->csb_ktoa;
	user[0].head = user[0].cur = sent;
	user[1].head = user[1].cur = received;
	if (!kernel[0].hwtail)
		kernel[0].hwtail = port.slots - 1;
	user[0].appl_need_kick = user[1].appl_need_kick = 1;
	kernel[0].kern_need_kick = kernel[1].kern_need_kick = 1;
	return 0;
}

static int do_register(struct nmreq_register *reg)
{
	if (failure("register"))
		return failure("register");
	if (reg->nr_mode != NR_REG_ALL_NIC || !(reg->nr_flags & NR_EXCLUSIVE))
		return EINVAL;
	reg->nr_offset = port.nifp;
	reg->nr_memsize = port.size;
	reg->nr_tx_slots = reg->nr_rx_slots = port.slots;
	reg->nr_tx_rings = reg->nr_rx_rings = 1;
	reg->nr_mem_id = 1;
	return 0;
}

static int pools_info(struct nmreq_pools_info *info)
{
	info->nr_memsize = port.size;
	info->nr_if_pool_offset = 0;
	info->nr_if_pool_objtotal = port.rings_offset / port.if_size;
	info->nr_if_pool_objsize = port.if_size;
	info->nr_ring_pool_offset = port.rings_offset;
	info->nr_ring_pool_objtotal = (port.buffers_offset - port.rings_offset) / port.ring_size;
	info->nr_ring_pool_objsize = port.ring_size;
	info->nr_buf_pool_offset = port.buffers_offset;
	info->nr_buf_pool_objtotal = port.buffers;
	info->nr_buf_pool_objsize = (port.size - port.buffers_offset) / port.buffers;
	return 0;
}

static int control(struct nmreq_header *header)
{
	void *body = (void *)header->nr_body, *options = (void *)header->nr_options;

	if (header->nr_version != NETMAP_API || header->nr_reserved)
		return EINVAL;
	switch (header->nr_reqtype) {
	case NETMAP_REQ_REGISTER:
		return strcmp(header->nr_name, "x{1") ? ENXIO : do_register(body);
	case NETMAP_REQ_POOLS_INFO_GET:
		return pools_info(body);
	case NETMAP_REQ_CSB_ENABLE:
		return csb_enable(options);
	case NETMAP_REQ_SYNC_KLOOP_START:
		return kloop_start(options);
	case NETMAP_REQ_SYNC_KLOOP_STOP:
		return kloop_stop();
	default:
		return EINVAL;
	}
}

int open64(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (strcmp(path, DEVICE))
		return real(path, flags, mode);
	sscanf(getenv("FAKE_NETMAP_PORT"), "%d %llu %llu %u %u %llu %u %llu %u", &port.fd, &port.size, &port.nifp,
	       &port.slots, &port.if_size, &port.rings_offset, &port.ring_size, &port.buffers_offset, &port.buffers);
	memory = mmap(NULL, port.size, PROT_READ | PROT_WRITE, MAP_SHARED, port.fd, 0);
	return port.fd;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	va_list arguments;
	void *argument;
	int error;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request != NIOCCTRL)
		return real(fd, request, argument);
	error = control(argument);
	if (!error)
		return 0;
	errno = error;
	return -1;
}
