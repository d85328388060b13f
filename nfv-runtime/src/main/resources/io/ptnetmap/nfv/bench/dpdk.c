// SPDX-License-Identifier: BSD-2-Clause
/*
 * What `nfv bench peers` measures of DPDK by its libraries: a memif between two processes, and an rte_ring between two
 * threads.
 *
 *   dpdk SOCKET sender|receiver CPU
 *   dpdk CONSUMERS-CPU ring CPU
 *
 * Packets are those of io.ptnetmap.nfv.bench.PipeWorker with payload: their first 8 bytes are their number. Commands on
 * standard input, answers as those of pipe.c, all times in nanoseconds:
 *
 *   go PACKETS BATCH PAYLOAD   answered by: START END PACKETS DIFFERENCES
 *
 * An element of the rte_ring is a pointer's size and holds the packet's number itself.
 */
#define _GNU_SOURCE
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LENGTH = 64,
    SLOTS = 1024,
    MAX_BURST = 256,
    POOL = 8191,
    CACHE = 512,
    IDLE_POLLS = 1024,
    STALL_SECONDS = 10,
};

struct totals {
    int64_t start, end;
    uint64_t packets, differences;
};

struct task {
    uint64_t packets;
    uint32_t burst;
};

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("dpdk.c: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int64_t nanos(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void rest(uint32_t idle, int64_t *since)
{
    rte_pause();
    if (idle == 1) {
        *since = nanos();
    } else if (idle % IDLE_POLLS == 0) {
        sched_yield();
        if (nanos() - *since > STALL_SECONDS * 1000000000LL)
            fail("nothing has moved for %d s: has the other end died?", STALL_SECONDS);
    }
}

static uint32_t least(uint64_t left, uint32_t burst)
{
    return left < burst ? left : burst;
}

static void answer(const struct totals *totals)
{
    printf("%lld %lld %llu %llu\n", (long long)totals->start, (long long)totals->end,
           (unsigned long long)totals->packets, (unsigned long long)totals->differences);
    fflush(stdout);
}

/* ---- a port ---- */

static void open_port(struct rte_mempool *pool)
{
    struct rte_eth_conf conf = {0};
    if (rte_eth_dev_configure(0, 1, 1, &conf) < 0 || rte_eth_rx_queue_setup(0, 0, SLOTS, SOCKET_ID_ANY, NULL, pool) < 0
        || rte_eth_tx_queue_setup(0, 0, SLOTS, SOCKET_ID_ANY, NULL) < 0 || rte_eth_dev_start(0) < 0)
        fail("the port cannot be started: %s", rte_strerror(rte_errno));
}

static void await_link(void)
{
    struct rte_eth_link link = {0};
    int64_t since = nanos();
    while (rte_eth_link_get_nowait(0, &link) == 0 && !link.link_status) {
        usleep(1000);
        if (nanos() - since > STALL_SECONDS * 1000000000LL)
            fail("the memif has not been connected for %d s", STALL_SECONDS);
    }
}

static void make(struct rte_mempool *pool, struct rte_mbuf **packets, uint32_t count, struct totals *totals)
{
    uint32_t idle = 0;
    int64_t since = 0;
    while (rte_pktmbuf_alloc_bulk(pool, packets, count) != 0)
        rest(++idle, &since);
    for (uint32_t i = 0; i < count; i++) {
        packets[i]->data_len = LENGTH;
        packets[i]->pkt_len = LENGTH;
        *rte_pktmbuf_mtod(packets[i], uint64_t *) = totals->packets;
        totals->packets++;
    }
}

static void transmit(struct rte_mempool *pool, struct task task, struct totals *totals)
{
    struct rte_mbuf *packets[MAX_BURST];
    while (totals->packets < task.packets) {
        uint32_t count = least(task.packets - totals->packets, task.burst), sent = 0, idle = 0;
        int64_t since = 0;
        make(pool, packets, count, totals);
        while (sent < count) {
            uint32_t now = rte_eth_tx_burst(0, 0, packets + sent, count - sent);
            sent += now;
            if (now == 0)
                rest(++idle, &since);
        }
    }
}

static void receive(struct task task, struct totals *totals)
{
    struct rte_mbuf *packets[MAX_BURST];
    uint32_t idle = 0;
    int64_t since = 0;
    while (totals->packets < task.packets) {
        uint32_t count = rte_eth_rx_burst(0, 0, packets, task.burst);
        if (count == 0) {
            rest(++idle, &since);
            continue;
        }
        idle = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t value = *rte_pktmbuf_mtod(packets[i], uint64_t *);
            totals->differences |= packets[i]->data_len ^ LENGTH;
            totals->differences |= value ^ totals->packets++;
        }
        rte_pktmbuf_free_bulk(packets, count);
    }
}

static void serve_memif(bool sender)
{
    uint64_t packets;
    uint32_t burst;
    struct rte_mempool *pool
        = rte_pktmbuf_pool_create("packets", POOL, CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == NULL)
        fail("no memory for packets: %s", rte_strerror(rte_errno));
    open_port(pool);
    puts("ready");
    fflush(stdout);
    while (scanf(" go %lu %u %*u", &packets, &burst) == 2) {
        struct totals totals = {0};
        await_link();
        totals.start = nanos();
        if (sender)
            transmit(pool, (struct task){packets, burst}, &totals);
        else
            receive((struct task){packets, burst}, &totals);
        totals.end = nanos();
        answer(&totals);
    }
}

/* ---- a ring ---- */

static struct rte_ring *ring;
static struct task ring_task;
static volatile bool consuming;

static int consume(void *result)
{
    struct totals totals = {0};
    void *elements[MAX_BURST];
    uint32_t idle = 0;
    int64_t since = 0;
    consuming = true;
    while (totals.packets < ring_task.packets) {
        uint32_t count = least(ring_task.packets - totals.packets, ring_task.burst);
        if (rte_ring_sc_dequeue_bulk(ring, elements, count, NULL) == 0) {
            rest(++idle, &since);
            continue;
        }
        idle = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t value = (uintptr_t)elements[i];
            totals.differences |= value ^ totals.packets++;
        }
    }
    totals.end = nanos();
    *(struct totals *)result = totals;
    return 0;
}

static void produce(void)
{
    void *elements[MAX_BURST];
    for (uint64_t number = 0; number < ring_task.packets;) {
        uint32_t count = least(ring_task.packets - number, ring_task.burst), idle = 0;
        int64_t since = 0;
        for (uint32_t i = 0; i < count; i++)
            elements[i] = (void *)(uintptr_t)number++;
        while (rte_ring_sp_enqueue_bulk(ring, elements, count, NULL) == 0)
            rest(++idle, &since);
    }
}

static void serve_ring(void)
{
    ring = rte_ring_create("hop", SLOTS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (ring == NULL)
        fail("no memory for a ring: %s", rte_strerror(rte_errno));
    puts("ready");
    fflush(stdout);
    while (scanf(" go %lu %u %*u", &ring_task.packets, &ring_task.burst) == 2) {
        struct totals totals;
        consuming = false;
        rte_eal_remote_launch(consume, &totals, 1);
        while (!consuming)
            rte_pause();
        int64_t start = nanos();
        produce();
        rte_eal_wait_lcore(1);
        totals.start = start;
        answer(&totals);
    }
}

/* ---- */

/* Starts DPDK's environment without huge pages, on processors given as lcore@cpu, with at most one device. */
static void start(char *program, char *lcores, char *device)
{
    char *arguments[] = {program, "--no-huge", "--no-pci", "--no-telemetry", "--log-level=error", "-m", "128",
                         "--no-shconf", "--lcores", lcores, "--vdev", device};
    int count = sizeof arguments / sizeof *arguments;
    if (rte_eal_init(device == NULL ? count - 2 : count, arguments) < 0)
        fail("DPDK does not start: %s", rte_strerror(rte_errno));
}

int main(int argc, char **argv)
{
    char lcores[64], device[256];
    if (argc != 4)
        fail("usage: dpdk SOCKET sender|receiver CPU, or dpdk CONSUMERS-CPU ring CPU");
    if (strcmp(argv[2], "ring") == 0) {
        snprintf(lcores, sizeof lcores, "0@%s,1@%s", argv[3], argv[1]);
        start(argv[0], lcores, NULL);
        serve_ring();
    } else {
        bool sender = strcmp(argv[2], "sender") == 0;
        snprintf(lcores, sizeof lcores, "0@%s", argv[3]);
        snprintf(device, sizeof device, "net_memif0,role=%s,id=0,rsize=10,socket-abstract=no,socket=%s",
                 sender ? "server" : "client", argv[1]);
        start(argv[0], lcores, device);
        serve_memif(sender);
    }
    return 0;
}
