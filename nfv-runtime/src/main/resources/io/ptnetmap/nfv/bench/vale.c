// SPDX-License-Identifier: BSD-2-Clause
/*
 * A switch with one sender and some receivers, in C: what `nfv bench vale` compares the embedded host's switch with.
 *
 *   vale CPU CPU2 CORES RECEIVERS BYTES BATCH FLOOD PACKETS
 *
 * It forwards as io.ptnetmap.host.Forwarder does, by the same steps over memory that is laid out alike: slots are read once and
 * checked, the sender is learnt and the destination looked up, packets are listed by destination, and each destination's ring
 * is filled at one go under its lock. The sender forwards; receivers look at each slot and give it back. With one core all take
 * turns on CPU, with two the receivers are on CPU2, and what they are too slow for is dropped.
 *
 * Answers: NANOSECONDS SENT DELIVERED DROPPED RECEIVED
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum {
    SLOTS = 1024,
    BUFFER = 2048,
    BUFFERS = 2 + 2 * SLOTS,
    FIRST_BUFFER = 2,
    BATCH = 256,
    MAX_FRAGS = 64,
    ROOM = BATCH + MAX_FRAGS,
    BUCKETS = 1024,
    AGEING = 300,
    MAX_PORTS = 254,
    BROADCAST = 254,
    END = 0x7fffffff,
    NS_MOREFRAG = 0x0020,
    UNUSUAL = 0x0020 | 0x0010 | 0x0001 | 0x0002,
    NS_NO_LEARN = 0x0008,
};

struct slot {
    uint32_t index;
    uint16_t length, flags;
    uint64_t ptr;
};

struct port {
    int number;
    char *buffers;
    struct slot *tx, *rx;
    uint32_t tx_head, hwcur, rx_head;
    uint64_t received, look;
    _Alignas(128) atomic_uint published;
    _Alignas(128) atomic_uint released;
    _Alignas(128) atomic_uint armed;
    _Alignas(128) atomic_flag lock;
    uint32_t write;
    uint64_t delivered, full;
};

static _Alignas(128) _Atomic uint64_t stations[BUCKETS];
static atomic_int heard[BUCKETS];
static struct port *ports[MAX_PORTS];
static int port_count;
static atomic_bool done;
static int cores, receivers, frame_bytes, batch_size, receiver_cpu;

static char *frame[ROOM];
static int length[ROOM], fragments[ROOM], next_packet[ROOM];
static int first[BROADCAST + 1], last[BROADCAST + 1], busy[BROADCAST + 1], busy_count;
static struct port *filled[2 * (BROADCAST + 1)];
static int filled_count;
static uint64_t last_source = ~0ull, last_destination = ~0ull;
static uint32_t last_source_bucket, last_destination_bucket;

static int64_t nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set)) {
        perror("sched_setaffinity");
        exit(1);
    }
}

static uint32_t bucket(uint64_t station) {
    uint32_t a = 0x9e3779b9u + (uint32_t)station, b = 0x9e3779b9u + (uint32_t)(station >> 32 & 0xffff), c = 0;
    a = (a - b - c) ^ c >> 13, b = (b - c - a) ^ a << 8, c = (c - a - b) ^ b >> 13;
    a = (a - b - c) ^ c >> 12, b = (b - c - a) ^ a << 16, c = (c - a - b) ^ b >> 5;
    a = (a - b - c) ^ c >> 3, b = (b - c - a) ^ a << 10, c = (c - a - b) ^ b >> 15;
    return c & (BUCKETS - 1);
}

static int route(struct port *from, const char *packet, bool learn, int now) {
    uint64_t head;
    uint32_t rest;
    memcpy(&head, packet, 8);
    memcpy(&rest, packet + 8, 4);
    uint64_t source = head >> 48 | (uint64_t)rest << 16, destination = head & 0xffffffffffffull;
    if (learn && !(source & 1)) {
        if (source != last_source) {
            last_source = source;
            last_source_bucket = bucket(source);
        }
        uint64_t entry = source << 8 | (uint64_t)(from->number + 1);
        if (atomic_load_explicit(&heard[last_source_bucket], memory_order_relaxed) != now) {
            atomic_store_explicit(&heard[last_source_bucket], now, memory_order_relaxed);
        }
        if (atomic_load_explicit(&stations[last_source_bucket], memory_order_relaxed) != entry) {
            atomic_store_explicit(&stations[last_source_bucket], entry, memory_order_relaxed);
        }
    }
    if (destination & 1) {
        return BROADCAST;
    }
    if (destination != last_destination) {
        last_destination = destination;
        last_destination_bucket = bucket(destination);
    }
    uint64_t entry = atomic_load_explicit(&stations[last_destination_bucket], memory_order_relaxed);
    int seen = atomic_load_explicit(&heard[last_destination_bucket], memory_order_relaxed);
    return !entry || entry >> 8 != destination || now - seen > AGEING ? BROADCAST : (int)(entry & 0xff) - 1;
}

static void append(struct port *from, int packet, int destination) {
    if (destination == from->number) {
        return;
    }
    next_packet[packet] = END;
    if (first[destination] == END) {
        first[destination] = packet;
        if (destination != BROADCAST) {
            busy[busy_count++] = destination;
        }
    } else {
        next_packet[last[destination]] = packet;
    }
    last[destination] = packet;
}

static bool valid(struct slot slot) {
    return slot.index >= FIRST_BUFFER && slot.index < BUFFERS && slot.length <= BUFFER;
}

/* The sender keeps its packets whole and well-formed; what is not ends the program. */
static uint32_t gather(struct port *from, uint32_t at, uint32_t to) {
    int now = (int)(nanos() / 1000000000);
    int n = 0;
    while (at != to && n < BATCH) {
        int start = n;
        bool more;
        uint16_t flags = 0;
        do {
            struct slot slot = *(volatile struct slot *)&from->tx[at];
            if (!valid(slot) || (slot.flags & UNUSUAL & ~NS_MOREFRAG) || n - start == MAX_FRAGS) {
                exit(2);
            }
            frame[n] = from->buffers + (size_t)slot.index * BUFFER;
            length[n] = slot.length;
            flags = n == start ? slot.flags : flags;
            more = slot.flags & NS_MOREFRAG;
            n++;
            at = at + 1 == SLOTS ? 0 : at + 1;
        } while (more && at != to);
        if (more || length[start] < 14) {
            exit(2);
        }
        fragments[start] = n - start;
        append(from, start, route(from, frame[start], !(flags & NS_NO_LEARN), now));
    }
    return at;
}

static void fill(struct port *to, int mine, int all) {
    while (atomic_flag_test_and_set_explicit(&to->lock, memory_order_acquire)) {
    }
    uint32_t before = to->write;
    uint32_t held = (to->write - atomic_load_explicit(&to->released, memory_order_acquire) + SLOTS) % SLOTS;
    int room = SLOTS - 1 - (int)held;
    while (mine != all) {
        int packet = mine < all ? mine : all;
        if (mine < all) {
            mine = next_packet[mine];
        } else {
            all = next_packet[all];
        }
        int count = fragments[packet];
        if (count > room) {
            to->full++;
            continue;
        }
        for (int i = 0; i < count; i++) {
            struct slot *slot = &to->rx[to->write];
            uint32_t index = *(volatile uint32_t *)&slot->index;
            index = index < FIRST_BUFFER || index >= BUFFERS ? 0 : index;
            *slot = (struct slot){index, (uint16_t)length[packet + i],
                                  (uint16_t)(count << 8 | (i + 1 < count ? NS_MOREFRAG : 0)), 0};
            memcpy(to->buffers + (size_t)index * BUFFER, frame[packet + i], (size_t)length[packet + i]);
            to->write = to->write + 1 == SLOTS ? 0 : to->write + 1;
        }
        room -= count;
        to->delivered++;
    }
    if (to->write != before) {
        atomic_store_explicit(&to->published, to->write, memory_order_release);
        filled[filled_count++] = to;
    }
    atomic_flag_clear_explicit(&to->lock, memory_order_release);
}

static void deliver(struct port *from) {
    int all = first[BROADCAST];
    if (all != END) {
        for (int i = 0; i < port_count; i++) {
            if (i != from->number) {
                fill(ports[i], first[i], all);
                first[i] = END;
            }
        }
        first[BROADCAST] = END;
    }
    for (int i = 0; i < busy_count; i++) {
        if (first[busy[i]] != END) {
            fill(ports[busy[i]], first[busy[i]], END);
            first[busy[i]] = END;
        }
    }
    busy_count = 0;
    atomic_thread_fence(memory_order_seq_cst);
    for (int i = 0; i < filled_count; i++) {
        if (atomic_load_explicit(&filled[i]->armed, memory_order_relaxed)) {
            exit(3); /* nobody sleeps here */
        }
    }
    filled_count = 0;
}

static struct port *make_port(void) {
    struct port *port = aligned_alloc(128, (sizeof(struct port) + 127) / 128 * 128);
    memset(port, 0, sizeof *port);
    size_t rings = 2 * SLOTS * sizeof(struct slot) + 4096, bytes = rings + (size_t)BUFFERS * BUFFER;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    port->number = port_count;
    port->rx = (struct slot *)memory;
    port->tx = port->rx + SLOTS;
    port->buffers = memory + (rings + 4095) / 4096 * 4096 - 4096;
    for (uint32_t k = 0; k < SLOTS; k++) {
        port->rx[k].index = FIRST_BUFFER + k;
        port->tx[k].index = FIRST_BUFFER + SLOTS + k;
    }
    atomic_flag_clear(&port->lock);
    return ports[port_count++] = port;
}

static void receive(struct port *port) {
    uint32_t end = atomic_load_explicit(&port->published, memory_order_acquire);
    uint64_t look = 0;
    for (uint32_t k = port->rx_head; k != end; k = k + 1 == SLOTS ? 0 : k + 1) {
        uint64_t descriptor;
        memcpy(&descriptor, &port->rx[k], 8);
        look += descriptor;
        port->received += !(port->rx[k].flags & NS_MOREFRAG);
    }
    port->look += look;
    if (end != port->rx_head) {
        port->rx_head = end;
        atomic_store_explicit(&port->released, end, memory_order_release);
    }
}

static void *receive_all(void *unused) {
    pin(receiver_cpu);
    bool last_look;
    do {
        last_look = atomic_load_explicit(&done, memory_order_acquire);
        for (int i = 1; i < port_count; i++) {
            receive(ports[i]);
        }
    } while (!last_look);
    return unused;
}

static int64_t run(long packets) {
    struct port *sender = ports[0];
    int count = (frame_bytes + BUFFER - 1) / BUFFER;
    pthread_t thread;
    atomic_store(&done, false);
    if (cores == 2) {
        pthread_create(&thread, NULL, receive_all, NULL);
    }
    int64_t start = nanos();
    for (long sent = 0; sent < packets; sent += batch_size) {
        uint32_t k = sender->tx_head;
        for (int i = 0; i < batch_size; i++) {
            for (int f = 0, left = frame_bytes; f < count; f++, left -= BUFFER) {
                sender->tx[k].length = (uint16_t)(left < BUFFER ? left : BUFFER);
                sender->tx[k].flags = f + 1 < count ? NS_MOREFRAG : 0;
                k = k + 1 == SLOTS ? 0 : k + 1;
            }
        }
        sender->tx_head = k;
        while (sender->hwcur != k) {
            sender->hwcur = gather(sender, sender->hwcur, k);
            deliver(sender);
        }
        for (int i = 1; cores == 1 && i < port_count; i++) {
            receive(ports[i]);
        }
    }
    atomic_store_explicit(&done, true, memory_order_release);
    if (cores == 2) {
        pthread_join(thread, NULL);
    }
    return nanos() - start;
}

int main(int count, char **arguments) {
    if (count != 9) {
        fprintf(stderr, "vale CPU CPU2 CORES RECEIVERS BYTES BATCH FLOOD PACKETS\n");
        return 2;
    }
    pin(atoi(arguments[1]));
    receiver_cpu = atoi(arguments[2]);
    cores = atoi(arguments[3]);
    receivers = atoi(arguments[4]);
    frame_bytes = atoi(arguments[5]);
    batch_size = atoi(arguments[6]);
    bool flood = atoi(arguments[7]);
    long packets = atol(arguments[8]);
    for (int i = 0; i <= BROADCAST; i++) {
        first[i] = END;
    }
    for (int i = 0; i <= receivers; i++) {
        make_port();
    }
    for (int i = 1; i <= receivers; i++) {
        char hello[12] = {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, (char)i};
        route(ports[i], hello, true, (int)(nanos() / 1000000000));
    }
    int slots = (frame_bytes + BUFFER - 1) / BUFFER;
    for (int k = 0; k < SLOTS; k++) {
        char *at = ports[0]->buffers + (size_t)ports[0]->tx[k].index * BUFFER;
        char addresses[12] = {2, 0, 0, 0, 0, (char)(k / slots % receivers + 1), 2, 0, 0, 0, 0, 100};
        memset(at, 0x55, BUFFER);
        memcpy(at, addresses, sizeof addresses);
        if (flood) {
            memset(at, -1, 6);
        }
    }
    run(packets / 10 + batch_size);
    for (int i = 1; i <= receivers; i++) {
        ports[i]->delivered = ports[i]->full = ports[i]->received = 0;
    }
    int64_t time = run(packets);
    uint64_t delivered = 0, full = 0, received = 0;
    for (int i = 1; i <= receivers; i++) {
        delivered += ports[i]->delivered;
        full += ports[i]->full;
        received += ports[i]->received;
    }
    long sent = (packets + batch_size - 1) / batch_size * batch_size;
    printf("%lld %ld %llu %llu %llu\n", (long long)time, sent, (unsigned long long)delivered, (unsigned long long)full,
           (unsigned long long)received);
    return 0;
}
