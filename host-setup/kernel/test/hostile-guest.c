// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest that means harm: writes random and almost plausible values to all that a passed-through NIC lets it write - registers,
 * doorbells, the CSB, and the region with its rings, slots and lanes' mirror - while the host works on it.
 *
 *	hostile-guest COUNT [SEED]
 *	hostile-guest search HEX SECONDS
 *
 * The second reads, over and over, all that it can map of the NICs and of all regions, and says how often it has met the bytes HEX
 * and how many bytes it has looked at each time; behind a region's end it looks once, at the first bytes of each page.
 *
 * Needs root in the guest and NICs whose netmap_if it finds by their registers. Goes to the devices past all drivers, through
 * the resource files of PCI functions. Ends with "hostile-guest: COUNT mutations" and status 0; what matters is what has become
 * of the host. COUNT counts single stores. Stores that would only let this guest's own memory be overwritten by DMA (the ordinary
 * e1000's rings) are left out: they harm nobody else.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_NICS 8
#define MAX_REGIONS 8
#define PAGE 4096
#define CHUNK (1 << 20)

/* docs/passthrough.md, registers */
enum {
	PTFEAT = 0x2838, PTCTL = 0x283c, PTSTS = 0x2840, PTVER = 0x2844, NIFP_OFFSET = 0x2850, NUM_TX_RINGS = 0x2858,
	NUM_RX_RINGS = 0x285c, NUM_TX_SLOTS = 0x2860, NUM_RX_SLOTS = 0x2864, PTKICK = 0x2a00,
};
enum { FEATURE_CSB_BAR = 4, REGIF = 10, UNREGIF = 11 };
enum { CSB_SIZE = 8192, CSB_HOST = 4096, CSB_BLOCK = 64, REGISTERS_SIZE = 0x20000 };

/* docs/netmap-abi.md, 2.2 to 2.4 */
enum { IF_RING_OFFSETS = 56, RING_HEAD = 20, RING_CUR = 24, RING_TAIL = 28, RING_SLOTS = 256, SLOT_SIZE = 16 };

struct nic {
	volatile uint32_t *registers;
	volatile uint32_t *csb;
	uint32_t nifp;
	uint32_t rings;
	uint32_t slots;
};

static struct nic nics[MAX_NICS];
static int nic_count;
static volatile uint8_t *region;
static uint64_t region_size;

/* All of them; mutations go to the first one. */
static struct {
	volatile uint8_t *memory;
	uint64_t mapped, size;
} regions[MAX_REGIONS];
static int region_count;

static uint64_t random_state;

/* xorshift64*: repeatable from the seed. */
static uint64_t any(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545F4914F6CDD1DULL;
}

static uint32_t below(uint32_t bound)
{
	return bound ? (uint32_t)((any() >> 33) % bound) : 0;
}

/* What a check most likely gets wrong: the edges of what is valid. */
static uint32_t nasty(uint32_t bound)
{
	switch (below(8)) {
	case 0: return (uint32_t)any();
	case 1: return bound;
	case 2: return bound - 1;
	case 3: return bound + below(4);
	case 4: return UINT32_MAX - below(4);
	case 5: return 0x80000000u + below(4);
	default: return below(bound);
	}
}

static unsigned long attribute(const char *device, const char *name)
{
	char path[512], text[32];
	unsigned long value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device, name);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file))
		value = strtoul(text, NULL, 0);
	fclose(file);
	return value;
}

static void *map_bar(const char *device, int bar, uint64_t *size)
{
	char path[512];
	struct stat status;
	void *memory;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d", device, bar);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0 || fstat(fd, &status) < 0) {
		perror(path);
		exit(2);
	}
	if (*size == 0)
		*size = (uint64_t)status.st_size;
	memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	return memory;
}

static uint32_t reg(struct nic *nic, uint32_t offset)
{
	return nic->registers[offset / 4];
}

static void set(struct nic *nic, uint32_t offset, uint32_t value)
{
	nic->registers[offset / 4] = value;
}

static void take_nic(const char *device)
{
	uint64_t registers = REGISTERS_SIZE, csb = CSB_SIZE;
	struct nic *nic = &nics[nic_count];

	nic->registers = map_bar(device, 0, &registers);
	if (reg(nic, PTVER) != 1)
		return;
	nic->csb = map_bar(device, 4, &csb);
	nic->nifp = reg(nic, NIFP_OFFSET);
	nic->rings = reg(nic, NUM_TX_RINGS) + reg(nic, NUM_RX_RINGS);
	nic->slots = reg(nic, NUM_TX_SLOTS);
	nic_count++;
}

/* docs/passthrough.md, memdev */
static void take_region(const char *device)
{
	uint64_t registers = PAGE, mapped = 0;
	volatile uint32_t *memdev = map_bar(device, 0, &registers);

	if (region_count == MAX_REGIONS)
		return;
	regions[region_count].memory = map_bar(device, 2, &mapped);
	regions[region_count].mapped = mapped;
	regions[region_count].size = memdev[0] | (uint64_t)memdev[1] << 32;
	if (region_count++ == 0) {
		region = regions[0].memory;
		region_size = mapped;
	}
}

static void find_devices(void)
{
	DIR *directory = opendir("/sys/bus/pci/devices");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		unsigned long id = attribute(entry->d_name, "vendor") << 16 | attribute(entry->d_name, "device");
		unsigned long subsystem = attribute(entry->d_name, "subsystem_device");

		if (id == 0x8086100e && subsystem == 0x1101 && nic_count < MAX_NICS)
			take_nic(entry->d_name);
		else if (id == 0x1af410f1)
			take_region(entry->d_name);
	}
	if (directory)
		closedir(directory);
}

static void store(uint64_t offset, uint32_t value)
{
	if (offset + 4 <= region_size)
		*(volatile uint32_t *)(region + (offset & ~3ULL)) = value;
}

static uint64_t some_ring(struct nic *nic)
{
	uint64_t table = nic->nifp + IF_RING_OFFSETS + 8ULL * below(nic->rings + 2);

	if (table + 8 > region_size)
		return below((uint32_t)region_size);
	return nic->nifp + *(volatile uint64_t *)(region + table);
}

static void harm_slot(struct nic *nic)
{
	uint64_t slot = some_ring(nic) + RING_SLOTS + (uint64_t)SLOT_SIZE * below(nic->slots);

	switch (below(4)) {
	case 0: store(slot, nasty((uint32_t)(region_size / 2048))); break;
	case 1: store(slot + 4, nasty(2048) | (uint32_t)(any() & 0xffff0000u)); break;
	case 2: store(slot + 8, (uint32_t)any()); break;
	default: store(slot + 12, (uint32_t)any()); break;
	}
}

static void harm_csb(struct nic *nic)
{
	uint32_t block = CSB_BLOCK * below(nic->rings + 1);

	switch (below(4)) {
	case 0: nic->csb[block / 4] = nasty(nic->slots); break;
	case 1: nic->csb[block / 4 + 1] = nasty(nic->slots); break;
	case 2: nic->csb[(block + 8) / 4 + below(2)] = (uint32_t)any(); break;
	default: nic->csb[below(CSB_SIZE / 4)] = (uint32_t)any(); break;
	}
}

static void harm_registers(struct nic *nic)
{
	static const uint32_t commands[] = { 0, 1, 2, 8, REGIF, UNREGIF, 12, 13, 0xffffffffu };

	switch (below(64)) {
	case 0: set(nic, PTCTL, commands[below(sizeof(commands) / sizeof(*commands))]); break;
	case 1: set(nic, PTFEAT, below(2) ? FEATURE_CSB_BAR : (uint32_t)any()); break;
	case 2: set(nic, PTSTS + 4 * below(12), (uint32_t)any()); break;
	default: set(nic, PTKICK + 4 * below(40), (uint32_t)any()); break;
	}
}

/* Keeps the port passed through most of the time: an idle host is no target. */
static void take_port(struct nic *nic)
{
	set(nic, PTFEAT, FEATURE_CSB_BAR);
	set(nic, PTCTL, REGIF);
	(void)reg(nic, PTSTS);
}

static void harm(struct nic *nic)
{
	switch (below(8)) {
	case 0: harm_registers(nic); break;
	case 1: store(some_ring(nic) + 4 * below(RING_SLOTS / 4), nasty(nic->slots)); break;
	case 2: store(nic->nifp + 4 * below(64), (uint32_t)any()); break;
	case 3: store(any() % region_size, (uint32_t)any()); break;
	case 4: case 5: harm_slot(nic); break;
	default: harm_csb(nic); break;
	}
}

static uint64_t looked;

/* How often the bytes are in a piece of a device's memory. Reads words: not all of it is memory. */
static unsigned long found_in(volatile void *memory, uint64_t size, const uint8_t *bytes, size_t length)
{
	static uint8_t copy[CHUNK + 64];
	volatile uint64_t *from = memory;
	unsigned long found = 0;
	size_t kept = 0;

	for (uint64_t at = 0; at < size;) {
		uint64_t piece = size - at < CHUNK ? size - at : CHUNK;
		uint8_t *end = copy + kept + piece, *here = copy;

		for (uint64_t i = 0; i < piece; i += 8) {
			uint64_t word = from[(at + i) / 8];

			memcpy(copy + kept + i, &word, 8);
		}
		while ((here = memmem(here, (size_t)(end - here), bytes, length))) {
			found++;
			here++;
		}
		/* What may be the beginning of it. */
		kept = length - 1;
		memmove(copy, end - kept, kept);
		at += piece;
	}
	looked += size;
	return found;
}

/* Frames begin where a page does; whole pages would take minutes. */
static unsigned long found_behind_regions(const uint8_t *bytes, size_t length)
{
	unsigned long found = 0;

	for (int i = 0; i < region_count; i++)
		for (uint64_t page = regions[i].size; page < regions[i].mapped; page += PAGE)
			found += found_in(regions[i].memory + page, 64, bytes, length);
	return found;
}

static unsigned long found_anywhere(const uint8_t *bytes, size_t length)
{
	unsigned long found = 0;

	for (int i = 0; i < nic_count; i++)
		found += found_in(nics[i].csb, CSB_SIZE, bytes, length);
	for (int i = 0; i < region_count; i++)
		found += found_in(regions[i].memory, regions[i].size, bytes, length);
	return found;
}

static int search(const char *hex, long seconds)
{
	uint8_t bytes[32];
	size_t length = strlen(hex) / 2;
	time_t end = time(NULL) + seconds;
	unsigned long found = 0, times = 0;

	if (length < 4 || length > sizeof(bytes))
		return 2;
	for (size_t i = 0; i < length; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	/* What comes is to be seen. */
	for (int i = 0; i < nic_count; i++)
		take_port(&nics[i]);
	found = found_behind_regions(bytes, length);
	do {
		looked = 0;
		found += found_anywhere(bytes, length);
		times++;
	} while (time(NULL) < end);
	printf("hostile-guest: found %lu times, looked %lu times at %llu bytes of %d NICs and %d regions\n", found, times,
	       (unsigned long long)looked, nic_count, region_count);
	return 0;
}

int main(int argc, char **argv)
{
	int searching = argc > 3 && !strcmp(argv[1], "search");
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

	if (count == 0 && !searching) {
		fprintf(stderr, "usage: hostile-guest COUNT [SEED] | search HEX SECONDS\n");
		return 2;
	}
	random_state = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 0x9e3779b97f4a7c15ULL;
	find_devices();
	if (nic_count == 0 || !region) {
		fprintf(stderr, "hostile-guest: no passed-through NIC or no region here\n");
		return 2;
	}
	if (searching)
		return search(argv[2], strtol(argv[3], NULL, 0));
	for (unsigned long i = 0; i < count; i++) {
		struct nic *nic = &nics[below((uint32_t)nic_count)];

		if (i % 4096 == 0)
			take_port(nic);
		harm(nic);
	}
	printf("hostile-guest: %lu mutations on %d NICs, seed %s\n", count, nic_count, argc > 2 ? argv[2] : "default");
	return 0;
}
