/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/*
 * The other end of RPCGenInteropTests: codes the peer protocol's types with what rpcgen makes of
 * their definitions. Bytes are hexadecimal; a line is a type's name and the bytes of a value.
 *
 * driver make SEED COUNT   prints COUNT made-up values of each type
 * driver recode            reads lines, decodes and encodes again; prints the bytes or "refused"
 *
 * RPCGenInteropTests.swift makes up the same values from the same numbers.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rpc/rpc.h>

#include "address.h"
#include "frame.h"
#include "packet.h"
#include "proxy.h"

#define BUFFER_BYTES (1 << 20)

static uint64_t state;

static uint64_t next(void)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t word(void) { return (uint32_t)next(); }

static char *text(uint32_t limit)
{
	uint32_t i, length = word() % (limit + 1);
	char *bytes = malloc(length + 1);

	for (i = 0; i < length; i++) {
		bytes[i] = (char)('a' + word() % 26);
	}
	bytes[length] = '\0';
	return bytes;
}

static void make_address(address *v)
{
	v->node = word();
	v->service = word();
	v->instance = next();
}

static void make_packet_header(packet_header *v)
{
	v->magic = word();
	v->checksum = word();
	v->protocol_version = word();
	v->kind = (packet_kind)(1 + word() % 8);
	v->flags = word();
	v->procedure = word();
	make_address(&v->source);
	make_address(&v->destination);
	v->packet_id = next();
	v->reply_to = next();
	v->deadline_milliseconds = word();
	v->payload_length = word();
	v->fragment_offset = word();
	v->message_length = word();
}

static void make_stream_open(stream_open *v)
{
	v->name = text(STREAM_NAME_LIMIT);
	v->credit = word();
}

static void make_stream_credit(stream_credit *v) { v->limit = next(); }

static void make_stream_place(stream_place *v) { v->offset = next(); }

static void make_stream_end(stream_end *v)
{
	v->offset = next();
	v->result = (stream_result)(word() % 3);
	v->reason = text(STREAM_NAME_LIMIT);
}

static void make_refusal(refusal *v)
{
	v->code = (refusal_code)(1 + word() % 4);
	v->text = text(REFUSAL_TEXT_LIMIT);
}

static void make_frame_header(frame_header *v)
{
	v->magic = word();
	v->checksum = word();
	v->protocol_version = word();
	v->flags = word();
	make_address(&v->sender);
	make_address(&v->receiver);
	v->epoch = word();
	v->acknowledged_epoch = word();
	v->sequence = next();
	v->acknowledged = next();
	v->packet_bytes = word();
	v->outcome_count = word();
}

static void make_outcome(outcome *v)
{
	make_address(&v->source);
	make_address(&v->destination);
	v->lane = word();
	v->code = (outcome_code)(word() % 15);
	v->packet_id = next();
	v->reporter = word();
	v->flags = word();
}

static void make_hello(hello *v)
{
	v->version_minimum = word();
	v->version_maximum = word();
	v->features = next();
	v->nonce = next();
	v->echo = next();
	v->frame_limit = word();
	v->software = text(SOFTWARE_NAME_LIMIT);
}

static void make_counter(counter *v)
{
	v->name = text(COUNTER_NAME_LIMIT);
	v->value = next();
}

static void make_counters_reply(counters_reply *v)
{
	uint32_t i;

	v->counters.counters_len = word() % (COUNTERS_LIMIT + 1);
	v->counters.counters_val = calloc(v->counters.counters_len + 1, sizeof(counter));
	for (i = 0; i < v->counters.counters_len; i++) {
		make_counter(&v->counters.counters_val[i]);
	}
}

static void make_peer_status(peer_status *v)
{
	v->node = word();
	v->node_flags = word();
	v->state = (peer_state)(word() % 6);
	v->protocol_version = word();
	v->features = next();
	v->software = text(64);
	v->queued_bytes = next();
	v->unfinished_packets = next();
}

static void make_peers_reply(peers_reply *v)
{
	uint32_t i;

	v->self = word();
	v->generation = word();
	v->recovery_mode = word();
	v->peers.peers_len = word() % 100;
	v->peers.peers_val = calloc(v->peers.peers_len + 1, sizeof(peer_status));
	for (i = 0; i < v->peers.peers_len; i++) {
		make_peer_status(&v->peers.peers_val[i]);
	}
}

static void make_versions_reply(versions_reply *v)
{
	v->proxy = text(64);
	v->ctdbd = text(64);
}

typedef union {
	address address;
	packet_header packet_header;
	stream_open stream_open;
	stream_credit stream_credit;
	stream_end stream_end;
	refusal refusal;
	frame_header frame_header;
	outcome outcome;
	hello hello;
	counter counter;
	counters_reply counters_reply;
	peer_status peer_status;
	peers_reply peers_reply;
	versions_reply versions_reply;
} any;

#define TYPES(X) \
	X(address) X(packet_header) X(stream_open) X(stream_credit) X(stream_end) X(refusal) \
	X(frame_header) X(outcome) X(hello) X(counter) X(counters_reply) X(peer_status) \
	X(peers_reply) X(versions_reply)

#define CODE(name) \
	static bool_t code_##name(XDR *x, any *v) { return xdr_##name(x, &v->name); } \
	static void make_any_##name(any *v) { make_##name(&v->name); }
TYPES(CODE)

#define ROW(name) { #name, code_##name, make_any_##name },
static const struct {
	const char *name;
	bool_t (*code)(XDR *, any *);
	void (*make)(any *);
} types[] = { TYPES(ROW) };

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static char bytes[BUFFER_BYTES];
static char line[2 * BUFFER_BYTES + 64];

/* Prints the encoding of a value, or "refused". */
static void print_value(size_t type, any *value)
{
	XDR xdr;
	u_int i, length;

	xdrmem_create(&xdr, bytes, sizeof(bytes), XDR_ENCODE);
	if (!types[type].code(&xdr, value)) {
		puts("refused");
		return;
	}
	length = xdr_getpos(&xdr);
	for (i = 0; i < length; i++) {
		printf("%02x", (unsigned char)bytes[i]);
	}
	putchar('\n');
}

static int make(uint64_t seed, int count)
{
	size_t type;
	int i;

	state = seed;
	for (type = 0; type < TYPE_COUNT; type++) {
		for (i = 0; i < count; i++) {
			any value;

			memset(&value, 0, sizeof(value));
			types[type].make(&value);
			printf("%s ", types[type].name);
			print_value(type, &value);
		}
	}
	return 0;
}

static int recode(void)
{
	char name[64];

	while (scanf("%63s %2097152s", name, line) == 2) {
		size_t type, i, length = strlen(line) / 2;
		any value;
		XDR xdr;

		for (type = 0; type < TYPE_COUNT && strcmp(types[type].name, name) != 0; type++) {
		}
		if (type == TYPE_COUNT || length > sizeof(bytes)) {
			return 1;
		}
		for (i = 0; i < length; i++) {
			unsigned int byte;

			sscanf(&line[2 * i], "%2x", &byte);
			bytes[i] = (char)byte;
		}
		memset(&value, 0, sizeof(value));
		xdrmem_create(&xdr, bytes, (u_int)length, XDR_DECODE);
		if (types[type].code(&xdr, &value) && xdr_getpos(&xdr) == length) {
			print_value(type, &value);
		} else {
			puts("refused");
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0) {
		return make(strtoull(argv[2], NULL, 10), atoi(argv[3]));
	}
	if (argc == 2 && strcmp(argv[1], "recode") == 0) {
		return recode();
	}
	fprintf(stderr, "usage: driver make SEED COUNT | driver recode\n");
	return 2;
}
