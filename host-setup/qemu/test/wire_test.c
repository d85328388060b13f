/*
 * The attach protocol's messages against its test vectors. Reads lines of
 * "NAME HEX" from stdin; exits with 1 at the first that differs. See run.sh.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "netmap-attach-wire.h"

static const char *vector_name;
static uint8_t vector[ATTACH_MAX_MESSAGE];
static size_t vector_size;

static void check(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "%s: not %s\n", vector_name, what);
		exit(1);
	}
}

static void check_encoded(const uint8_t *message, size_t size)
{
	check(size == vector_size && !memcmp(message, vector, size), "encoded as the vector is");
}

static AttachHeader header(uint16_t type)
{
	AttachHeader h;

	check(attach_get_header(vector, vector_size, &h), "a message");
	check(!attach_get_header(vector, ATTACH_HEADER_SIZE - 1, &h), "refused when it is cut short");
	check(h.version == ATTACH_VERSION && h.type == type, "of the type that its name says");
	return h;
}

static void request(uint16_t type)
{
	static const AttachPortRequest chain = {
		.name = "chain}1",
		.mem_id = 1,
		.tx_slots = 1024,
		.rx_slots = 512,
		.tx_rings = 1,
		.rx_rings = 1,
	};
	uint8_t message[ATTACH_MAX_MESSAGE];
	AttachHeader h = header(type);

	switch (type) {
	case ATTACH_HELLO:
		check_encoded(message, attach_put_request(message, type, h.sequence, ATTACH_HELLO_CSB_ONLY));
		break;
	case ATTACH_OPEN_CSB:
		check_encoded(message, attach_put_open_csb(message, h.sequence, &chain));
		break;
	default:
		check_encoded(message, attach_put_request(message, type, h.sequence, 11));
	}
}

static void grant(void)
{
	static const AttachCsbGrant expected = {
		.port = 11,
		.mappable = 42369024,
		.nifp_offset = 1024,
		.tx_slots = 1024,
		.rx_slots = 512,
		.tx_rings = 1,
		.rx_rings = 2,
		.pools = { { 0, 12, 1024 }, { 12288, 20, 20480 }, { 421888, 20482, 2048 } },
		.csb_size = 8192,
	};
	const uint8_t *body = vector + ATTACH_HEADER_SIZE;
	AttachCsbGrant g;

	memset(&g, 0, sizeof(g));
	header(ATTACH_OPEN_CSB | ATTACH_REPLY);
	check(attach_get_csb_grant(body, vector_size - ATTACH_HEADER_SIZE, &g), "a grant");
	check(!memcmp(&g, &expected, sizeof(g)), "decoded as it was meant");
	check(!attach_get_csb_grant(body, ATTACH_CSB_GRANT_SIZE - 1, &g), "refused when it is cut short");
}

static void parse(const char *hex)
{
	unsigned int byte;

	for (vector_size = 0; sscanf(hex + 2 * vector_size, "%2x", &byte) == 1; vector_size++)
		vector[vector_size] = byte;
}

static bool run(void)
{
	static const struct {
		const char *name;
		uint16_t type;
	} requests[] = {
		{ "hello_csb_request", ATTACH_HELLO },
		{ "open_csb_request", ATTACH_OPEN_CSB },
		{ "start_request", ATTACH_START },
		{ "stop_request", ATTACH_STOP },
	};
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!strcmp(vector_name, requests[i].name)) {
			request(requests[i].type);
			return true;
		}
	}
	if (!strcmp(vector_name, "open_csb_reply"))
		grant();
	else if (!strcmp(vector_name, "start_reply"))
		check(header(ATTACH_START | ATTACH_REPLY).error == 0, "a success");
	else if (!strcmp(vector_name, "stop_reply"))
		check(header(ATTACH_STOP | ATTACH_REPLY).error == 0, "a success");
	else if (!strcmp(vector_name, "refusal"))
		check(header(2 | ATTACH_REPLY).error == EBUSY, "a refusal with EBUSY");
	else
		return false;
	return true;
}

int main(void)
{
	static char name[128], hex[2 * ATTACH_MAX_MESSAGE + 1];
	int tested = 0;

	while (scanf("%127s %131072s", name, hex) == 2) {
		vector_name = name;
		parse(hex);
		tested += run();
	}
	printf("%d of the protocol's vectors\n", tested);
	return tested != 8;
}
