/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/*
 * Lays packets and payloads of the legacy protocol out as a C compiler does, and prints each as
 * one line: a name, a space, hexadecimal digits. The first line tells the layout.
 *
 *   cc oracle.c -ltalloc -ltdb               the machine's own layout
 *   cc -m32 -DORACLE_PLAIN oracle.c          32-bit words, without the libraries
 *   gcc -DORACLE_BIG oracle.c -ltalloc -ltdb the other byte order; gcc alone has the pragma
 *
 * The declarations say what lies on the wire; the names in comments are those of Samba 4.17.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/time.h>
#include <netinet/in.h>

#ifdef ORACLE_PLAIN
typedef struct { unsigned char *dptr; size_t dsize; } TDB_DATA;
#define take(size) calloc(1, (size))
#define drop(memory) free(memory)
#else
#include <talloc.h>
#include <tdb.h>
#define take(size) talloc_zero_size(NULL, (size))
#define drop(memory) talloc_free(memory)
#endif

#ifdef ORACLE_BIG
#ifdef __clang__
#error "clang ignores the pragma for the byte order; use gcc"
#endif
#pragma GCC diagnostic ignored "-Wscalar-storage-order"
#pragma scalar_storage_order big-endian
#define ORDER "big"
#else
#define ORDER "little"
#endif

/* ctdb_req_header */
struct header {
    uint32_t length, magic, version, generation, operation, destnode, srcnode, reqid;
};

/* ctdb_req_call_old */
struct request_call {
    struct header header;
    uint32_t flags, db_id, callid, hopcount, keylen, calldatalen;
    uint8_t data[1];
};

/* ctdb_reply_call_old; ctdb_reply_error_old has the same shape */
struct reply_call {
    struct header header;
    uint32_t status, datalen;
    uint8_t data[1];
};

/* ctdb_req_dmaster_old */
struct request_dmaster {
    struct header header;
    uint32_t db_id;
    uint64_t rsn;
    uint32_t dmaster, keylen, datalen;
    uint8_t data[1];
};

/* ctdb_reply_dmaster_old */
struct reply_dmaster {
    struct header header;
    uint32_t db_id;
    uint64_t rsn;
    uint32_t keylen, datalen;
    uint8_t data[1];
};

/* ctdb_req_message_old */
struct request_message {
    struct header header;
    uint64_t srvid;
    uint32_t datalen;
    uint8_t data[1];
};

/* ctdb_req_control_old */
struct request_control {
    struct header header;
    uint32_t opcode, pad;
    uint64_t srvid;
    uint32_t client_id, flags, datalen;
    uint8_t data[1];
};

/* ctdb_reply_control_old */
struct reply_control {
    struct header header;
    int32_t status;
    uint32_t datalen, errorlen;
    uint8_t data[1];
};

/* ctdb_req_keepalive_old */
struct keepalive {
    struct header header;
    uint32_t version, uptime;
};

/* ctdb_req_tunnel_old */
struct request_tunnel {
    struct header header;
    uint64_t tunnel_id;
    uint32_t flags, datalen;
    uint8_t data[1];
};

/* sockaddr_in, sockaddr_in6 and the union of them; the octets are in network order anyway */
struct address4 { uint16_t family; uint8_t port[2], octets[4], zero[8]; };
struct address6 { uint16_t family; uint8_t port[2], flow[4], octets[16]; uint32_t scope; };
union address { struct address4 four; struct address6 six; };

/* ctdb_node_and_flags, ctdb_node_map_old */
struct node { uint32_t pnn, flags; union address address; };
struct node_map { uint32_t num; struct node nodes[1]; };

/* ctdb_dbid, ctdb_dbid_map_old */
struct database { uint32_t db_id; uint8_t flags; };
struct database_map { uint32_t num; struct database databases[1]; };

/* ctdb_vnn_map_wire */
struct vnn_map { uint32_t generation, size, map[1]; };

/* timeval, ctdb_uptime */
struct moment { long seconds, microseconds; };
struct uptime { struct moment now, started, recovery_started, recovery_finished; };

/* ctdb_tunable_old, ctdb_control_get_tunable */
struct set_tunable { uint32_t value, length; uint8_t name[1]; };
struct get_tunable { uint32_t length; uint8_t name[1]; };

/* ctdb_node_flag_change */
struct flag_change { uint32_t pnn, new_flags, old_flags; };

/* ctdb_srvid_message, ctdb_disable_message */
struct srvid_message { uint32_t pnn; uint64_t srvid; };
struct disable_message { uint32_t pnn; uint64_t srvid; uint32_t timeout; };

#ifdef ORACLE_BIG
#pragma scalar_storage_order default
#endif

_Static_assert(sizeof(struct address4) == sizeof(struct sockaddr_in), "sockaddr_in");
_Static_assert(sizeof(struct address6) == sizeof(struct sockaddr_in6), "sockaddr_in6");
_Static_assert(sizeof(struct moment) == sizeof(struct timeval), "timeval");
_Static_assert(offsetof(struct address6, scope) == offsetof(struct sockaddr_in6, sin6_scope_id),
               "scope");

static TDB_DATA text(const char *string)
{
    TDB_DATA data = { (unsigned char *)string, strlen(string) };
    return data;
}

static void print(const char *name, const void *memory, size_t size)
{
    const unsigned char *bytes = memory;

    printf("%s ", name);
    for (size_t i = 0; i < size; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

/* A packet is never smaller than its struct, and its size is a multiple of 8. */
static size_t packet_size(size_t struct_size, size_t used)
{
    return ((used > struct_size ? used : struct_size) + 7) & ~(size_t)7;
}

static void fill(struct header *header, size_t size, uint32_t operation)
{
    header->length = (uint32_t)size;
    header->magic = 0x43544442;
    header->version = 1;
    header->generation = 0x11121314;
    header->operation = operation;
    header->destnode = 0x21222324;
    header->srcnode = 0x31323334;
    header->reqid = 0x41424344;
}

/* Begins a packet of TYPE with EXTRA bytes in its array. */
#define BEGIN(TYPE, OPERATION, EXTRA)                                                        \
    size_t size = packet_size(sizeof(struct TYPE), offsetof(struct TYPE, data) + (EXTRA));    \
    struct TYPE *p = take(size);                                                             \
    if (p == NULL) exit(1);                                                                  \
    fill(&p->header, size, (OPERATION))

#define END(NAME)                                                                            \
    print((NAME), p, size);                                                                  \
    drop(p)

static void append(uint8_t *place, TDB_DATA data)
{
    memcpy(place, data.dptr, data.dsize);
}

/* The flags of a record lie behind its data, in the sender's order and at any address. */
static void append_flags(uint8_t *place, uint32_t flags)
{
#ifdef ORACLE_BIG
    flags = __builtin_bswap32(flags);
#endif
    memcpy(place, &flags, sizeof(flags));
}

static void calls(void)
{
    TDB_DATA key = text("key"), data = text("value");
    {
        BEGIN(request_call, 0, key.dsize + data.dsize);
        p->flags = 0x51525354;
        p->db_id = 0x61626364;
        p->callid = 0x71727374;
        p->hopcount = 0x81828384;
        p->keylen = key.dsize;
        p->calldatalen = data.dsize;
        append(p->data, key);
        append(p->data + key.dsize, data);
        END("RequestCall");
    }
    {
        BEGIN(reply_call, 1, data.dsize);
        p->status = 0x51525354;
        p->datalen = data.dsize;
        append(p->data, data);
        END("ReplyCall");
    }
    {
        BEGIN(reply_call, 1, 0);
        END("ReplyCall.empty");
    }
    {
        BEGIN(reply_call, 4, data.dsize);
        p->status = 0x51525354;
        p->datalen = data.dsize;
        append(p->data, data);
        END("ReplyError");
    }
}

static void dmasters(void)
{
    TDB_DATA key = text("key"), data = text("value");
    size_t both = key.dsize + data.dsize;
    {
        BEGIN(request_dmaster, 2, both + 4);
        p->db_id = 0x51525354;
        p->rsn = 0x6162636465666768;
        p->dmaster = 0x71727374;
        p->keylen = key.dsize;
        p->datalen = data.dsize;
        append(p->data, key);
        append(p->data + key.dsize, data);
        append_flags(p->data + both, 0x81828384);
        END("RequestDmaster");
    }
    {
        BEGIN(reply_dmaster, 3, both + 4);
        p->db_id = 0x51525354;
        p->rsn = 0x6162636465666768;
        p->keylen = key.dsize;
        p->datalen = data.dsize;
        append(p->data, key);
        append(p->data + key.dsize, data);
        append_flags(p->data + both, 0x81828384);
        END("ReplyDmaster");
    }
}

static void messages(void)
{
    TDB_DATA data = text("value");
    {
        BEGIN(request_message, 5, data.dsize);
        p->srvid = 0x5152535455565758;
        p->datalen = data.dsize;
        append(p->data, data);
        END("RequestMessage");
    }
    {
        BEGIN(request_message, 5, 0);
        p->srvid = 0x5152535455565758;
        END("RequestMessage.empty");
    }
    {
        BEGIN(request_tunnel, 10, data.dsize);
        p->tunnel_id = 0x5152535455565758;
        p->flags = 0x61626364;
        p->datalen = data.dsize;
        append(p->data, data);
        END("RequestTunnel");
    }
    {
        BEGIN(request_tunnel, 10, 0);
        p->tunnel_id = 0x5152535455565758;
        END("RequestTunnel.empty");
    }
    {
        size_t size = packet_size(sizeof(struct keepalive), 0);
        struct keepalive *p = take(size);
        if (p == NULL) exit(1);
        fill(&p->header, size, 9);
        p->version = 0x51525354;
        p->uptime = 0x61626364;
        END("RequestKeepalive");
    }
}

static void controls(void)
{
    TDB_DATA data = text("value"), error = text("reason");
    {
        BEGIN(request_control, 7, data.dsize);
        p->opcode = 0x51525354;
        p->srvid = 0x6162636465666768;
        p->client_id = 0x71727374;
        p->flags = 0x81828384;
        p->datalen = data.dsize;
        append(p->data, data);
        END("RequestControl");
    }
    {
        BEGIN(reply_control, 8, data.dsize + error.dsize);
        p->status = -2;
        p->datalen = data.dsize;
        p->errorlen = error.dsize;
        append(p->data, data);
        append(p->data + data.dsize, error);
        END("ReplyControl");
    }
    {
        BEGIN(reply_control, 8, 0);
        END("ReplyControl.empty");
    }
}

static void maps(void)
{
    {
        size_t size = offsetof(struct node_map, nodes) + 2 * sizeof(struct node);
        struct node_map *p = take(size);
        static const uint8_t four[4] = { 192, 0, 2, 7 };
        if (p == NULL) exit(1);
        p->num = 2;
        p->nodes[0].pnn = 0x11121314;
        p->nodes[0].flags = 0x21222324;
        p->nodes[0].address.four.family = AF_INET;
        memcpy(p->nodes[0].address.four.port, "\x11\x1b", 2);
        memcpy(p->nodes[0].address.four.octets, four, 4);
        p->nodes[1].pnn = 0x31323334;
        p->nodes[1].flags = 0x41424344;
        p->nodes[1].address.six.family = AF_INET6;
        memcpy(p->nodes[1].address.six.port, "\x11\x1b", 2);
        memcpy(p->nodes[1].address.six.flow, "\x51\x52\x53\x54", 4);
        memcpy(p->nodes[1].address.six.octets, "\x20\x01\x0d\xb8\1\2\3\4\5\6\7\10\11\12\13\14",
               16);
        p->nodes[1].address.six.scope = 0x61626364;
        END("NodeMap");
    }
    {
        size_t size = offsetof(struct database_map, databases) + 2 * sizeof(struct database);
        struct database_map *p = take(size);
        if (p == NULL) exit(1);
        p->num = 2;
        p->databases[0].db_id = 0x11121314;
        p->databases[0].flags = 1;
        p->databases[1].db_id = 0x21222324;
        p->databases[1].flags = 0x0a;
        END("DatabaseMap");
    }
    {
        size_t size = offsetof(struct vnn_map, map) + 3 * sizeof(uint32_t);
        struct vnn_map *p = take(size);
        if (p == NULL) exit(1);
        p->generation = 0x11121314;
        p->size = 3;
        p->map[0] = 0x21222324;
        p->map[1] = 0x31323334;
        p->map[2] = 0x41424344;
        END("VNNMap");
    }
}

static void small(void)
{
    TDB_DATA name = text("MonitorInterval");
    {
        struct uptime value = {
            { 0x11121314, 0x21222 }, { 0x31323334, 0x41424 },
            { 0x51525354, 0x61626 }, { 0x71727374, 0x01828 },
        };
        print("Uptime", &value, sizeof(value));
    }
    {
        size_t size = offsetof(struct set_tunable, name) + name.dsize + 1;
        struct set_tunable *p = take(size);
        if (p == NULL) exit(1);
        p->value = 0x11121314;
        p->length = name.dsize + 1;
        append(p->name, name);
        END("Tunable");
    }
    {
        size_t size = offsetof(struct get_tunable, name) + name.dsize + 1;
        struct get_tunable *p = take(size);
        if (p == NULL) exit(1);
        p->length = name.dsize + 1;
        append(p->name, name);
        END("getTunable");
    }
    {
        struct flag_change value = { 0x11121314, 0x21222324, 0x31323334 };
        print("NodeFlagChange", &value, sizeof(value));
    }
    {
        struct srvid_message *p = take(sizeof(*p));
        size_t size = sizeof(*p);
        if (p == NULL) exit(1);
        p->pnn = 0x11121314;
        p->srvid = 0x2122232425262728;
        END("SrvIDMessage");
    }
    {
        struct disable_message *p = take(sizeof(*p));
        size_t size = sizeof(*p);
        if (p == NULL) exit(1);
        p->pnn = 0x11121314;
        p->srvid = 0x2122232425262728;
        p->timeout = 0x31323334;
        END("DisableMessage");
    }
}

#include "payloads.c"

int main(void)
{
    printf("layout %s %zu\n", ORDER, sizeof(void *) * 8);
    calls();
    dmasters();
    messages();
    controls();
    maps();
    small();
    daemons();
    addresses();
    databases();
    records();
    others();
    return 0;
}
