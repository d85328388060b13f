// SPDX-License-Identifier: BSD-2-Clause
/*
 * One or two ends of netmap pipes of the embedded host, in C: what `nfv bench` compares the Java binding with.
 *
 *   pipe SOCKET PORTS SLOTS ROLE CPU
 *
 * It attaches to the host's socket, syncs as io.ptnetmap.host.PipeEnd does, and fills and reads slots as
 * io.ptnetmap.nfv.bench.PipeWorker and EchoWorker do: the two move the same bytes by the same rules. Roles:
 *
 *   sender, receiver   one way through PORTS
 *   ends               sends to the first and receives from the second of two ports, "A,B", by turns
 *   forwarder          passes on what comes from the first of two ports to the second, buffers and all
 *   ping, pong         packets one at a time, there and back through PORTS
 *   bell, sleeper      the same without rings: two words of memory and an eventfd, what waking up takes by itself
 *
 * Commands on standard input, all times in nanoseconds:
 *
 *   go PACKETS BATCH PAYLOAD   answered by: START END PACKETS DIFFERENCES
 *   go PACKETS GAP BLOCKING    of the last four, answered by: PACKETS P50 P99 MOST CPU ELAPSED DIFFERENCES
 *
 * Where the user of a ring can do wrong, this one ends the program: it is its own user.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    NS_BUF_CHANGED = 0x0001,
    NS_MOREFRAG = 0x0020,
    NR_TIMESTAMP = 0x0002,
    NR_REG_ALL_NIC = 1,

    INDEX_BITS = 20,

    ATTACH_MAGIC = 0x4d4e5450,
    ATTACH_VERSION = 1,
    ATTACH_HELLO = 1,
    ATTACH_REGISTER = 2,
    ATTACH_MAX_MESSAGE = 65536,
    NAME_SIZE = 64,

    AWAKE = 4096,
    BULK = 32,
    IDLE_SYNCS = 1024,
    STALL_SECONDS = 10,
};

/* Of a slot's descriptor; BATCH is the part of buf_idx that says how many slots are handed over from this one on. */
#define CHANGED ((uint64_t)NS_BUF_CHANGED << 48)
#define BATCH ((uint64_t)(UINT32_MAX & -(1u << INDEX_BITS)))

struct slot {
    union {
        struct {
            uint32_t buf_idx;
            uint16_t len, flags;
        };
        uint64_t descriptor; /* all three */
    };
    uint64_t ptr;
};

struct ring {
    int64_t buf_ofs;
    uint32_t num_slots, nr_buf_size;
    uint16_t ringid, dir;
    uint32_t head, cur, tail, flags;
    int64_t ts_sec, ts_usec;
    uint8_t reserved[72], sem[128];
    struct slot slot[];
};
_Static_assert(offsetof(struct ring, ts_sec) == 40 && offsetof(struct ring, slot) == 256, "netmap's ABI");

/* What the two ends of one direction share beside the rings: io.ptnetmap.host.PipeLane. */
struct lane {
    _Alignas(128) uint32_t taken;
    _Alignas(128) uint32_t released;
    struct sleeper {
        _Alignas(128) uint32_t armed;
        uint32_t fence, requests;
    } tx_sleeper, rx_sleeper;
};
_Static_assert(sizeof(struct lane) == 512, "the size of a lane");

struct port {
    struct ring *tx, *rx, *own;
    struct lane *lane;
    bool sender, fence;
    int own_eventfd, peer_eventfd;
    struct sleeper *peer;
    uint32_t answered;
    bool fenced_peer;
    uint32_t awake;
    uint32_t slots, hwcur, hwtail, released, published;
    /* The user's side. */
    uint32_t head, tail, buf_size;
    uint8_t *buffers;
};

struct totals {
    uint64_t packets, differences;
};

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("pipe.c: ", stderr);
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

/* ---- the pipe sync ---- */

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint32_t next(uint32_t slot, uint32_t slots)
{
    return slot + 1 == slots ? 0 : slot + 1;
}

static inline uint32_t previous(uint32_t slot, uint32_t slots)
{
    return slot == 0 ? slots - 1 : slot - 1;
}

static inline uint32_t distance(uint32_t from, uint32_t to, uint32_t slots)
{
    return to >= from ? to - from : to + slots - from;
}

/* What is written to the other ring, and back where a changed buffer has been seen. An index that is none becomes 0. */
static inline uint64_t taken_from(struct slot *slot)
{
    uint64_t descriptor = slot->descriptor;
    if (descriptor & CHANGED)
        slot->descriptor = descriptor & ~CHANGED;
    return descriptor & BATCH ? descriptor & ~0xffffffffull : descriptor;
}

static inline void copy_run(struct slot *from, struct slot *to, uint32_t count)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
        all |= from[i].descriptor;
    }
    if (all & (CHANGED | BATCH))
        for (uint32_t i = 0; i < count; i++)
            to[i].descriptor = taken_from(from + i);
}

/* The batch [published, end) is the receiver's as soon as its first slot says how long it is. */
static void hand_over(struct port *port, uint32_t end)
{
    uint64_t *first = &port->rx->slot[port->published].descriptor;
    uint64_t batch = distance(port->published, end, port->slots);
    port->published = end;
    __atomic_store_n(first, (*first & ~BATCH) | batch << INDEX_BITS, __ATOMIC_RELEASE);
}

/* Returns whether there is something new for the peer to see. */
static bool tx_push(struct port *port, uint32_t head)
{
    uint32_t from = port->hwcur, slots = port->slots, end = head;
    port->hwcur = head;
    if (head == next(from, slots) && from == port->published && !(port->tx->slot[from].flags & NS_MOREFRAG)) {
        struct slot *target = &port->rx->slot[from];
        target->ptr = port->tx->slot[from].ptr;
        port->published = head;
        __atomic_store_n(&target->descriptor, taken_from(&port->tx->slot[from]) | 1 << INDEX_BITS, __ATOMIC_RELEASE);
        return true;
    }
    if (from < head) {
        copy_run(port->tx->slot + from, port->rx->slot + from, head - from);
    } else {
        copy_run(port->tx->slot + from, port->rx->slot + from, slots - from);
        copy_run(port->tx->slot, port->rx->slot, head);
    }
    while (end != from && (port->tx->slot[previous(end, slots)].flags & NS_MOREFRAG))
        end = previous(end, slots);
    if (end == from)
        return false;
    hand_over(port, end);
    return true;
}

static void tx_pull(struct port *port)
{
    uint32_t now = __atomic_load_n(&port->lane->released, __ATOMIC_ACQUIRE), slots = port->slots;
    if (now != port->released && now < slots
        && distance(port->released, now, slots) <= distance(port->released, port->hwcur, slots)) {
        port->released = now;
        port->hwtail = previous(now, slots);
    }
}

/* The sender has these slots' buffers in its own ring, but for those that were changed. */
static void give_back(struct slot *from, struct slot *to, uint32_t count)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= from[i].descriptor;
    if (all & (CHANGED | BATCH))
        for (uint32_t i = 0; i < count; i++) {
            uint64_t descriptor = from[i].descriptor & ~BATCH;
            to[i].ptr = from[i].ptr;
            to[i].descriptor = descriptor;
            from[i].descriptor = descriptor & ~CHANGED;
        }
}

static void rx_push(struct port *port, uint32_t head)
{
    uint32_t from = port->hwcur;
    if (from < head) {
        give_back(port->rx->slot + from, port->tx->slot + from, head - from);
    } else {
        give_back(port->rx->slot + from, port->tx->slot + from, port->slots - from);
        give_back(port->rx->slot, port->tx->slot, head);
    }
    port->hwcur = head;
    __atomic_store_n(&port->lane->released, head, __ATOMIC_RELEASE);
}

/* Gets the cache lines of many slots all at once, before a loop looks at them one by one. */
static void fetch(const struct slot *first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 64 / sizeof *first)
        __builtin_prefetch(first + i);
}

static void rx_pull(struct port *port)
{
    uint32_t slots = port->slots, end = port->hwtail, room = slots - 1 - distance(port->hwcur, end, slots);
    while (room > 0) {
        uint64_t *first = &port->rx->slot[end].descriptor;
        uint64_t descriptor = __atomic_load_n(first, __ATOMIC_ACQUIRE);
        uint32_t batch = (uint32_t)descriptor >> INDEX_BITS;
        if (batch == 0)
            break;
        batch = batch < room ? batch : room;
        room -= batch;
        if (batch >= BULK)
            fetch(port->rx->slot + end, least(batch, slots - end));
        end = end + batch >= slots ? end + batch - slots : end + batch;
        __atomic_store_n(&port->lane->taken, end, __ATOMIC_RELEASE);
        __atomic_store_n(first, descriptor & ~BATCH, __ATOMIC_RELEASE);
    }
    if (end != port->hwtail) {
        port->hwtail = end;
        if (port->rx->flags & NR_TIMESTAMP) {
            struct timeval wall;
            gettimeofday(&wall, NULL);
            port->rx->ts_sec = wall.tv_sec;
            port->rx->ts_usec = wall.tv_usec;
        }
    }
}

/* Where an end starts that is opened: what its predecessors have handed over. */
static uint32_t published(const struct port *port)
{
    uint32_t end = port->lane->taken, batch;
    while ((batch = port->rx->slot[end].buf_idx >> INDEX_BITS) != 0)
        end = end + batch >= port->slots ? end + batch - port->slots : end + batch;
    return end;
}

static void wake_peer(struct port *port)
{
    /* A sleeper passes a barrier on our behalf (membarrier) unless it, or the host, says that syncs must fence. */
    if (port->fence)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    else
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n((uint64_t *)port->peer, __ATOMIC_RELAXED) == 0)
        return;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint32_t request = __atomic_load_n(&port->peer->armed, __ATOMIC_RELAXED);
    if (request != 0 && request != port->answered) {
        uint64_t one = 1;
        port->answered = request;
        /* A full counter wakes as well. */
        if (write(port->peer_eventfd, &one, sizeof one) < 0 && errno != EAGAIN)
            fail("write to eventfd: %s", strerror(errno));
    }
}

static inline void sync_port(struct port *port)
{
    uint32_t head = __atomic_load_n(&port->own->head, __ATOMIC_RELAXED);
    uint32_t cur = __atomic_load_n(&port->own->cur, __ATOMIC_RELAXED);
    uint32_t slots = port->slots;
    if (head >= slots || cur >= slots || distance(port->hwcur, head, slots) > distance(port->hwcur, cur, slots)
        || distance(port->hwcur, cur, slots) > distance(port->hwcur, port->hwtail, slots))
        fail("head %u, cur %u of a ring with slots %u to %u", head, cur, port->hwcur, port->hwtail);
    if (head != port->hwcur) {
        bool news = true;
        if (port->sender)
            news = tx_push(port, head);
        else
            rx_push(port, head);
        if (news)
            wake_peer(port);
    }
    if (port->sender)
        tx_pull(port);
    else
        rx_pull(port);
    if (port->fenced_peer && ++port->awake == AWAKE) {
        port->fenced_peer = false;
        __atomic_store_n(&port->lane->rx_sleeper.fence, 0, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&port->own->tail, port->hwtail, __ATOMIC_RELEASE);
    port->tail = port->hwtail;
}

/* ---- the user of the ring ---- */

static inline uint32_t available(const struct port *port)
{
    return distance(port->head, port->tail, port->slots);
}

static void advance(struct port *port, uint32_t count)
{
    uint32_t head = port->head + count;
    port->head = head >= port->slots ? head - port->slots : head;
    __atomic_store_n(&port->own->cur, port->head, __ATOMIC_RELEASE);
    __atomic_store_n(&port->own->head, port->head, __ATOMIC_RELEASE);
}

static inline uint64_t length_of(uint64_t sequence)
{
    return 64 + (sequence >> 5 & 0xff);
}

static inline uint64_t *payload_of(const struct port *port, uint32_t buf_idx)
{
    return (uint64_t *)(port->buffers + (uint64_t)buf_idx * port->buf_size);
}

static void fill(struct port *port, uint32_t count, bool payload, struct totals *totals)
{
    struct slot *slots = port->own->slot;
    uint32_t at = port->head;
    uint64_t sequence = totals->packets;
    for (uint32_t i = 0; i < count; i++) {
        slots[at].len = length_of(sequence);
        slots[at].flags = 0;
        if (payload)
            *payload_of(port, slots[at].buf_idx) = sequence;
        sequence++;
        at = next(at, port->slots);
    }
    totals->packets = sequence;
}

static void drain(struct port *port, uint32_t count, bool payload, struct totals *totals)
{
    const struct slot *slots = port->own->slot;
    uint32_t at = port->head;
    uint64_t sequence = totals->packets, differences = 0;
    for (uint32_t i = 0; i < count; i++) {
        differences |= slots[at].len ^ length_of(sequence);
        if (payload)
            differences |= *payload_of(port, slots[at].buf_idx) ^ sequence;
        sequence++;
        at = next(at, port->slots);
    }
    totals->packets = sequence;
    totals->differences |= differences;
}

static void rest(uint32_t idle, int64_t *since)
{
    __builtin_ia32_pause();
    if (idle == IDLE_SYNCS) /* not before, so that what comes soon is not missed for looking at the clock */
        *since = nanos();
    if (idle % IDLE_SYNCS == 0) {
        sched_yield();
        if (nanos() - *since > STALL_SECONDS * 1000000000LL)
            fail("nothing has moved for %d s: has the other end died?", STALL_SECONDS);
    }
}

/* Fills or drains what it can of a batch, and hands it over at the next sync. Returns how many slots. */
static uint32_t work(struct port *port, uint64_t packets, uint32_t batch, bool payload, struct totals *totals)
{
    uint32_t count;
    sync_port(port);
    count = least(packets - totals->packets, least(batch, available(port)));
    if (count == 0)
        return 0;
    if (port->sender)
        fill(port, count, payload, totals);
    else
        drain(port, count, payload, totals);
    advance(port, count);
    return count;
}

static void answer(int64_t start, const struct totals *totals)
{
    printf("%lld %lld %llu %llu\n", (long long)start, (long long)nanos(), (unsigned long long)totals->packets,
           (unsigned long long)totals->differences);
    fflush(stdout);
}

static void stream(struct port *port, uint64_t packets, uint32_t batch, bool payload)
{
    struct totals totals = {0};
    uint32_t idle = 0;
    int64_t since = 0, start = nanos();
    while (totals.packets < packets) {
        if (work(port, packets, batch, payload, &totals) == 0)
            rest(++idle, &since);
        else
            idle = 0;
    }
    sync_port(port);
    answer(start, &totals);
}

static void both_ends(struct port *tx, struct port *rx, uint64_t packets, uint32_t batch, bool payload)
{
    struct totals sent = {0}, received = {0};
    uint64_t released = 0;
    uint32_t idle = 0;
    int64_t since = 0, start = nanos();
    while (received.packets < packets) {
        /* No more under way than the second pipe has room for: a chain's outer ports drop what does not fit. */
        uint64_t most = least(packets, released + tx->slots - 1);
        uint32_t moved = work(tx, most, batch, payload, &sent);
        if (moved != 0)
            sync_port(tx);
        released = received.packets;
        if (work(rx, packets, batch, payload, &received) + moved == 0)
            rest(++idle, &since);
        else
            idle = 0;
    }
    sync_port(rx);
    answer(start, &received);
}

/* A program that dies between the two leaves a slot that its successor passes over: io.ptnetmap.Ring.move. */
static void move(struct slot *from, struct slot *to)
{
    const uint64_t more = (uint64_t)NS_MOREFRAG << 48, changed = (uint64_t)NS_BUF_CHANGED << 48;
    uint64_t packet = from->descriptor, empty = to->descriptor;
    to->descriptor = (packet & 0xffffffffffff) | (packet & more) | changed;
    to->ptr = from->ptr;
    from->ptr = UINT64_MAX;
    from->descriptor = (empty & 0xffffffff) | changed;
}

static bool vacated(const struct slot *slot)
{
    return slot->len == 0 && slot->flags == NS_BUF_CHANGED && slot->ptr == UINT64_MAX;
}

static uint32_t pass_on(struct port *rx, struct port *tx, uint32_t batch)
{
    uint32_t most = least(batch, available(tx)), found = available(rx), from = rx->head, to = tx->head;
    uint32_t taken = 0, moved = 0;
    for (; moved < most && taken < found; taken++, from = next(from, rx->slots)) {
        struct slot *slot = &rx->own->slot[from];
        if (vacated(slot))
            continue;
        move(slot, &tx->own->slot[to]);
        to = next(to, tx->slots);
        moved++;
    }
    advance(rx, taken);
    advance(tx, moved);
    return moved;
}

static void forward(struct port *rx, struct port *tx, uint64_t packets, uint32_t batch)
{
    struct totals totals = {0};
    uint32_t idle = 0;
    int64_t since = 0, start = nanos();
    while (totals.packets < packets) {
        sync_port(rx);
        sync_port(tx);
        uint32_t moved = pass_on(rx, tx, least(batch, packets - totals.packets));
        totals.packets += moved;
        if (moved == 0)
            rest(++idle, &since);
        else
            idle = 0;
    }
    sync_port(tx);
    sync_port(rx);
    answer(start, &totals);
}

/* ---- packets that come back ---- */

/* Times, counted with an error of at most 1/64: buckets of equal width from each power of two to the next. */
struct times {
    uint64_t count, most, buckets[64 * 64];
};

static void record(struct times *times, uint64_t value)
{
    int shift = value < 128 ? 0 : 57 - __builtin_clzll(value);
    times->buckets[shift * 64 + (value >> shift)]++;
    times->count++;
    if (value > times->most)
        times->most = value;
}

static uint64_t percentile(const struct times *times, double share)
{
    uint64_t rank = share * times->count, seen = 0;
    for (uint32_t i = 0; i < 64 * 64; i++) {
        seen += times->buckets[i];
        if (seen > rank) {
            uint32_t shift = i < 128 ? 0 : i / 64 - 1;
            return (uint64_t)(i - shift * 64) << shift;
        }
    }
    return times->most;
}

static uint64_t processor_time(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000ull
           + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ull;
}

/* Until the other end has published: it is asked to wake us, and then looked at once more. */
static void sleep_for_packets(struct port *rx)
{
    struct pollfd pollfd = {.fd = rx->own_eventfd, .events = POLLIN};
    uint64_t rings;
    struct sleeper *own = &rx->lane->rx_sleeper;
    bool fenced = rx->fence || rx->fenced_peer;
    own->requests = own->requests % INT32_MAX + 1;
    __atomic_store_n(&own->armed, own->requests, __ATOMIC_RELEASE);
    __atomic_store_n(&own->fence, 1, __ATOMIC_RELEASE);
    rx->fenced_peer = true;
    rx->awake = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!fenced)
        syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
    sync_port(rx);
    if (available(rx) == 0 && poll(&pollfd, 1, STALL_SECONDS * 1000) == 0)
        fail("no packet for %d s: has the other end died?", STALL_SECONDS);
    __atomic_store_n(&own->armed, 0, __ATOMIC_RELEASE);
    if (read(rx->own_eventfd, &rings, sizeof rings) < 0 && errno != EAGAIN)
        fail("read of eventfd: %s", strerror(errno));
    sync_port(rx);
}

static void await_packet(struct port *rx, bool blocking)
{
    uint32_t idle = 0;
    int64_t since = 0;
    for (sync_port(rx); available(rx) == 0; sync_port(rx)) {
        if (blocking)
            sleep_for_packets(rx);
        else
            rest(++idle, &since);
    }
}

/* One slot with its number and when it was sent. */
static void send_one(struct port *tx, uint64_t number, int64_t now)
{
    struct slot *slot = &tx->own->slot[tx->head];
    uint64_t *packet = payload_of(tx, slot->buf_idx);
    packet[0] = number;
    packet[1] = now;
    slot->len = 64;
    slot->flags = 0;
    advance(tx, 1);
    sync_port(tx);
}

/* Sends each packet when the one before is back, and the gap is over: its time is that of the way there and back. */
static void ping(struct port *tx, struct port *rx, uint64_t packets, int64_t gap, struct times *times, uint64_t *differences)
{
    int64_t due = nanos();
    for (uint64_t number = 0; number < packets; number++, due += gap) {
        while (nanos() < due)
            __builtin_ia32_pause();
        send_one(tx, number, nanos());
        await_packet(rx, false);
        const uint64_t *packet = payload_of(rx, rx->own->slot[rx->head].buf_idx);
        *differences |= packet[0] ^ number;
        record(times, nanos() - (int64_t)packet[1]);
        advance(rx, 1);
    }
    sync_port(rx);
}

/* Sends back what comes, in the buffers it comes in: its time is that of the way here. */
static void pong(struct port *tx, struct port *rx, uint64_t packets, bool blocking, struct times *times, uint64_t *differences)
{
    for (uint64_t number = 0; number < packets; number++) {
        await_packet(rx, blocking);
        struct slot *from = &rx->own->slot[rx->head], *to = &tx->own->slot[tx->head];
        const uint64_t *packet = payload_of(rx, from->buf_idx);
        *differences |= packet[0] ^ number;
        if (blocking) /* else nobody asks, and it would be part of what the other end measures */
            record(times, nanos() - (int64_t)packet[1]);
        else
            times->count++;
        move(from, to);
        advance(rx, 1);
        advance(tx, 1);
        sync_port(tx);
        sync_port(rx);
    }
}

/* What a bell and who sleeps by it share, in the part of a ring's header that is left to programs. */
struct message_by_bell {
    uint64_t number;
    int64_t sent;
    _Alignas(64) uint64_t answered;
};

static void ring_bell(struct port *tx, uint64_t packets, int64_t gap)
{
    struct message_by_bell *shared = (struct message_by_bell *)tx->rx->sem;
    uint64_t one = 1;
    int64_t due = nanos();
    for (uint64_t number = 1; number <= packets; number++, due += gap) {
        int64_t since = 0;
        while (nanos() < due)
            __builtin_ia32_pause();
        shared->sent = nanos();
        __atomic_store_n(&shared->number, number, __ATOMIC_RELEASE);
        if (write(tx->peer_eventfd, &one, sizeof one) < 0)
            fail("write to eventfd: %s", strerror(errno));
        for (uint32_t idle = 0; __atomic_load_n(&shared->answered, __ATOMIC_ACQUIRE) != number;)
            rest(++idle, &since);
    }
}

static void sleep_by_bell(struct port *rx, uint64_t packets, struct times *times, uint64_t *differences)
{
    struct message_by_bell *shared = (struct message_by_bell *)rx->rx->sem;
    struct pollfd pollfd = {.fd = rx->own_eventfd, .events = POLLIN};
    uint64_t rings;
    for (uint64_t number = 1; number <= packets; number++) {
        if (poll(&pollfd, 1, STALL_SECONDS * 1000) == 0)
            fail("no bell for %d s: has the other end died?", STALL_SECONDS);
        if (read(rx->own_eventfd, &rings, sizeof rings) < 0)
            fail("read of eventfd: %s", strerror(errno));
        *differences |= __atomic_load_n(&shared->number, __ATOMIC_ACQUIRE) ^ number;
        record(times, nanos() - shared->sent);
        __atomic_store_n(&shared->answered, number, __ATOMIC_RELEASE);
    }
}

static void echo(const char *role, struct port *tx, struct port *rx, uint64_t packets, int64_t gap, bool blocking)
{
    static struct times times;
    uint64_t differences = 0, cpu = processor_time();
    int64_t start = nanos();
    memset(&times, 0, sizeof times);
    sync_port(tx);
    if (strcmp(role, "ping") == 0) {
        ping(tx, rx, packets, gap, &times, &differences);
    } else if (strcmp(role, "pong") == 0) {
        pong(tx, rx, packets, blocking, &times, &differences);
    } else if (strcmp(role, "bell") == 0) {
        ring_bell(tx, packets, gap);
        times.count = packets;
    } else {
        sleep_by_bell(rx, packets, &times, &differences);
    }
    printf("%llu %llu %llu %llu %llu %llu %llu\n", (unsigned long long)times.count,
           (unsigned long long)percentile(&times, 0.5), (unsigned long long)percentile(&times, 0.99),
           (unsigned long long)times.most, (unsigned long long)(processor_time() - cpu),
           (unsigned long long)(nanos() - start), (unsigned long long)differences);
    fflush(stdout);
}

/* ---- the attach protocol: little endian, as this processor ---- */

struct message {
    uint8_t data[ATTACH_MAX_MESSAGE];
    size_t at;
    uint32_t sequence;
};

static void put(struct message *message, const void *value, size_t size)
{
    memcpy(message->data + message->at, value, size);
    message->at += size;
}

static void put16(struct message *message, uint16_t value)
{
    put(message, &value, sizeof value);
}

static void put32(struct message *message, uint32_t value)
{
    put(message, &value, sizeof value);
}

static uint32_t get32(struct message *message)
{
    uint32_t value;
    memcpy(&value, message->data + message->at, sizeof value);
    message->at += sizeof value;
    return value;
}

static uint64_t get64(struct message *message)
{
    uint64_t low = get32(message);
    return low | (uint64_t)get32(message) << 32;
}

static void begin(struct message *message, uint16_t type)
{
    message->at = 0;
    put32(message, ATTACH_MAGIC);
    put16(message, ATTACH_VERSION);
    put16(message, type);
    put32(message, ++message->sequence);
    put32(message, 0);
}

/* Sends a request and leaves the message at the reply's body. */
static void exchange(int connection, struct message *message, int *descriptors, int count)
{
    union {
        struct cmsghdr header;
        uint8_t space[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct iovec data = {message->data, ATTACH_MAX_MESSAGE - 1};
    struct msghdr received = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (send(connection, message->data, message->at, MSG_NOSIGNAL) < 0)
        fail("send: %s", strerror(errno));
    memset(message->data, 0, ATTACH_MAX_MESSAGE);
    if (recvmsg(connection, &received, MSG_CMSG_CLOEXEC) <= 0)
        fail("the host has gone or refused this user");
    message->at = 0;
    if (get32(message) != ATTACH_MAGIC || (get32(message) & 0xffff) != ATTACH_VERSION)
        fail("the host speaks another version of the attach protocol");
    get32(message);
    if (get32(message) != 0)
        fail("the host refused: %s", (const char *)message->data + message->at);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&received);
    if (count > 0) {
        if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len < CMSG_LEN(count * sizeof(int)))
            fail("the host sent no descriptors");
        memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
    }
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path)
        fail("%s: the path is too long for a socket", path);
    strcpy(address.sun_path, path);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect %s: %s", path, strerror(errno));
    return connection;
}

static bool hello(int connection, struct message *message)
{
    bool registered = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
    begin(message, ATTACH_HELLO);
    put32(message, registered);
    exchange(connection, message, NULL, 0);
    return get32(message) & 1;
}

static void request(struct message *message, const char *name, uint32_t slots)
{
    char padded[NAME_SIZE] = {0};
    if (strlen(name) >= NAME_SIZE)
        fail("%s: names have at most 63 bytes", name);
    strcpy(padded, name);
    begin(message, ATTACH_REGISTER);
    put(message, padded, NAME_SIZE);
    put32(message, NR_REG_ALL_NIC);
    put32(message, 0);     /* ring id */
    put32(message, 0);     /* flags, 64 bits */
    put32(message, 0);
    put32(message, 0);     /* memory id */
    put32(message, slots); /* transmit */
    put32(message, slots); /* receive */
    for (int i = 0; i < 5; i++)
        put32(message, 0); /* rings, host rings, extra buffers: the defaults */
}

/* Opens the port and takes up its first transmit and receive ring. */
static void attach(struct port *tx, struct port *rx, const char *path, const char *name, uint32_t slots)
{
    static struct message message;
    int descriptors[3];
    int connection = connect_to(path);
    tx->fence = rx->fence = hello(connection, &message);
    request(&message, name, slots);
    exchange(connection, &message, descriptors, 3);
    get64(&message); /* port, buffers */
    uint64_t size = get64(&message);
    message.at += 48; /* netmap's part of the reply */
    uint32_t lanes = get32(&message);
    get32(&message);
    uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptors[0], 0);
    if (base == MAP_FAILED)
        fail("mmap: %s", strerror(errno));
    for (uint32_t i = 0; i < lanes; i++) {
        struct port *port = get32(&message) != 0 ? tx : rx;
        get32(&message); /* ring */
        port->lane = (struct lane *)(base + get64(&message));
        port->tx = (struct ring *)(base + get64(&message));
        port->rx = (struct ring *)(base + get64(&message));
        port->own_eventfd = descriptors[1];
        port->peer_eventfd = descriptors[2];
    }
    if (tx->lane == NULL || rx->lane == NULL)
        fail("%s has not both rings", name);
}

static void open_ring(struct port *port)
{
    port->own = port->sender ? port->tx : port->rx;
    port->peer = port->sender ? &port->lane->rx_sleeper : &port->lane->tx_sleeper;
    port->slots = port->own->num_slots;
    port->buf_size = port->own->nr_buf_size;
    port->buffers = (uint8_t *)port->own + port->own->buf_ofs;
    port->published = published(port);
    port->released = port->lane->released;
    port->hwcur = port->sender ? port->published : port->released;
    port->hwtail = port->sender ? previous(port->released, port->slots) : port->lane->taken;
    port->head = port->own->head;
    port->tail = port->own->tail;
}

static void pin(int cpu)
{
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(cpu, &mask);
    if (sched_setaffinity(0, sizeof mask, &mask) < 0)
        fail("cannot run on processor %d: %s", cpu, strerror(errno));
}

/* A port's two rings; those that are not used are never synced. */
struct user {
    struct port tx, rx;
};

static void open_user(struct user *user, char **argv, const char *port)
{
    user->tx.sender = true;
    attach(&user->tx, &user->rx, argv[1], port, strtoul(argv[3], NULL, 10));
    open_ring(&user->tx);
    open_ring(&user->rx);
}

int main(int argc, char **argv)
{
    static struct user users[2];
    struct user *last = users;
    unsigned long long packets, second;
    unsigned third;
    if (argc != 6)
        fail("usage: pipe SOCKET PORT[,PORT] SLOTS sender|receiver|ends|forwarder|ping|pong|bell|sleeper CPU");
    const char *role = argv[4];
    pin(atoi(argv[5]));
    for (char *port = strtok(argv[2], ","); port != NULL && last < users + 2; port = strtok(NULL, ","))
        open_user(last++, argv, port);
    last--;
    puts("ready");
    fflush(stdout);
    while (scanf(" go %llu %llu %u", &packets, &second, &third) == 3) {
        if (strcmp(role, "sender") == 0)
            stream(&users->tx, packets, second, third != 0);
        else if (strcmp(role, "receiver") == 0)
            stream(&users->rx, packets, second, third != 0);
        else if (strcmp(role, "ends") == 0)
            both_ends(&users->tx, &last->rx, packets, second, third != 0);
        else if (strcmp(role, "forwarder") == 0)
            forward(&users->rx, &last->tx, packets, second);
        else
            echo(role, &users->tx, &users->rx, packets, second, third != 0);
    }
    return 0;
}
