/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/* A part of oracle.c: the data of controls and messages, and the event daemon's packets. */

#include <stdbool.h>

#ifdef ORACLE_BIG
#pragma scalar_storage_order big-endian
#endif

/* ctdb_latency_counter */
struct latency { int num; double min, max, total; };

/* the member locks of ctdb_statistics and ctdb_db_statistics_old */
struct locks {
    uint32_t num_calls, num_current, num_pending, num_failed;
    struct latency latency;
    uint32_t buckets[16];
};

/* ctdb_statistics; 25 plain counters first, 7 in the middle */
struct statistics {
    uint32_t first[25];
    struct { struct latency ctdbd, recd; } reclock;
    struct locks locks;
    uint32_t middle[7];
    uint32_t hop_count_bucket[16];
    struct latency call_latency, childwrite_latency;
    uint32_t num_recoveries;
    struct moment start_time, current_time;
    uint32_t total_ro_delegations, total_ro_revokes;
};

/* ctdb_statistics_list_old */
struct statistics_list { uint32_t num; struct statistics stats[1]; };

/* TDB_DATA, and ctdb_db_statistics_old */
struct blob { unsigned long dptr; unsigned long dsize; };
struct db_statistics {
    struct locks locks;
    struct { struct latency latency; } vacuum;
    uint32_t db_ro_delegations, db_ro_revokes;
    uint32_t hop_count_bucket[16];
    uint32_t num_hot_keys;
    struct { uint32_t count; struct blob key; } hot_keys[10];
    char hot_keys_wire[1];
};

/* ctdb_control_list_tunable, ctdb_notify_data_old, ctdb_echo_data */
struct list_tunables { uint32_t length; uint8_t data[1]; };
struct notify { uint64_t srvid; uint32_t len; uint8_t data[1]; };
struct echo { uint32_t timeout, len; uint8_t data[1]; };

/* ctdb_public_ip, ctdb_public_ip_list_old */
struct public_ip { uint32_t pnn; union address addr; };
struct public_ip_list { uint32_t num; struct public_ip ips[1]; };

/* ctdb_iface, ctdb_iface_list_old, ctdb_public_ip_info_old */
struct iface { char name[18]; uint16_t link_state; uint32_t references; };
struct iface_list { uint32_t num; struct iface ifaces[1]; };
struct public_ip_info {
    struct public_ip ip;
    uint32_t active_idx, num;
    struct iface ifaces[1];
};

/* ctdb_connection, ctdb_tickle_list_old, ctdb_addr_info_old */
struct connection { union address src, dst; };
struct tickle_list { union address addr; uint32_t num; struct connection connections[1]; };
struct addr_info { union address addr; uint32_t mask, len; char iface[1]; };

/* ctdb_ban_state, ctdb_transdb, ctdb_pulldb: two numbers */
struct pair { uint32_t first, second; };
/* ctdb_pulldb_ext, ctdb_traverse_start: two numbers and a srvid */
struct pair_srvid { uint32_t first, second; uint64_t srvid; };
struct traverse_start_ext { uint32_t db_id, reqid; uint64_t srvid; bool empty; };
struct traverse_all { uint32_t db_id, reqid, pnn, client_reqid; uint64_t srvid; };
struct traverse_all_ext { uint32_t db_id, reqid, pnn, client_reqid; uint64_t srvid; bool empty; };

/* ctdb_ltdb_header, ctdb_rec_data_old, ctdb_marshall_buffer */
struct ltdb_header { uint64_t rsn; uint32_t dmaster, reserved1, flags; };
struct rec_data { uint32_t length, reqid, keylen, datalen; uint8_t data[1]; };
struct marshall_buffer { uint32_t db_id, count; uint8_t data[1]; };

/* ctdb_control_schedule_for_deletion */
struct schedule { uint32_t db_id; struct ltdb_header hdr; uint32_t keylen; uint8_t key[1]; };

/* ctdb_election_message, ctdb_server_id, ctdb_g_lock */
struct election { uint32_t num_connected; struct moment time; uint32_t pnn, flags; };
struct server_id { uint64_t pid; uint32_t task_id, vnn; uint64_t unique_id; };
struct g_lock { uint32_t type; struct server_id sid; };

/* ctdb_script, ctdb_script_list_old */
struct script {
    char name[32];
    struct moment start, finished;
    int32_t status;
    char output[512];
};
struct script_list { uint32_t num_scripts; struct script scripts[1]; };

/* Numbers at any address, for what is marshalled without a struct. */
struct __attribute__((packed)) number { uint32_t value; };
struct __attribute__((packed)) wide { uint64_t value; };

#ifdef ORACLE_BIG
#pragma scalar_storage_order default
#endif

#define VALUE(TYPE)                                                                          \
    size_t size = sizeof(struct TYPE);                                                       \
    struct TYPE *p = take(size);                                                             \
    if (p == NULL) exit(1)

/* With COUNT elements or bytes in the array that the struct ends in. */
#define LIST(TYPE, MEMBER, COUNT)                                                            \
    size_t size = offsetof(struct TYPE, MEMBER) + (COUNT) * sizeof(((struct TYPE *)0)->MEMBER[0]); \
    struct TYPE *p = take(size + sizeof(*p));                                                \
    if (p == NULL) exit(1)

static void put4(union address *address)
{
    static const uint8_t four[4] = { 192, 0, 2, 7 };

    address->four.family = AF_INET;
    memcpy(address->four.port, "\x11\x1b", 2);
    memcpy(address->four.octets, four, 4);
}

static void put6(union address *address)
{
    address->six.family = AF_INET6;
    memcpy(address->six.port, "\x11\x1b", 2);
    memcpy(address->six.flow, "\x51\x52\x53\x54", 4);
    memcpy(address->six.octets, "\x20\x01\x0d\xb8\1\2\3\4\5\6\7\10\11\12\13\14", 16);
    address->six.scope = 0x61626364;
}

static void put_latency(struct latency *latency, int num)
{
    latency->num = num;
    latency->min = 0.125;
    latency->max = 2.5;
    latency->total = num + 0.0625;
}

static void put_locks(struct locks *locks)
{
    locks->num_calls = 0x11121314;
    locks->num_current = 0x21222324;
    locks->num_pending = 0x31323334;
    locks->num_failed = 0x41424344;
    put_latency(&locks->latency, 7);
    for (int i = 0; i < 16; i++) locks->buckets[i] = 0x1000 + i;
}

static void put_statistics(struct statistics *p, uint32_t base)
{
    for (int i = 0; i < 25; i++) p->first[i] = base + i;
    put_latency(&p->reclock.ctdbd, -1);
    put_latency(&p->reclock.recd, 2);
    put_locks(&p->locks);
    for (int i = 0; i < 7; i++) p->middle[i] = base + 0x100 + i;
    for (int i = 0; i < 16; i++) p->hop_count_bucket[i] = base + 0x200 + i;
    put_latency(&p->call_latency, 3);
    put_latency(&p->childwrite_latency, 4);
    p->num_recoveries = base + 0x300;
    p->start_time.seconds = 0x51525354;
    p->start_time.microseconds = 0x61626;
    p->current_time.seconds = 0x71727374;
    p->current_time.microseconds = 0x01828;
    p->total_ro_delegations = base + 0x301;
    p->total_ro_revokes = base + 0x302;
}

static void put_header(struct ltdb_header *header)
{
    header->rsn = 0x5152535455565758;
    header->dmaster = 0x61626364;
    header->reserved1 = 0;
    header->flags = 0x01020000;
}

static void daemons(void)
{
    {
        VALUE(latency);
        put_latency(p, 7);
        END("LatencyCounter");
    }
    {
        VALUE(locks);
        put_locks(p);
        END("LockStatistics");
    }
    {
        VALUE(statistics);
        put_statistics(p, 0x10000000);
        END("DaemonStatistics");
    }
    {
        LIST(statistics_list, stats, 2);
        p->num = 2;
        put_statistics(&p->stats[0], 0x10000000);
        put_statistics(&p->stats[1], 0x20000000);
        END("StatisticsHistory");
    }
    {
        LIST(db_statistics, hot_keys_wire, 8);
        put_locks(&p->locks);
        put_latency(&p->vacuum.latency, 5);
        p->db_ro_delegations = 0x51525354;
        p->db_ro_revokes = 0x61626364;
        for (int i = 0; i < 16; i++) p->hop_count_bucket[i] = 0x2000 + i;
        p->num_hot_keys = 10;
        p->hot_keys[0].count = 0x71727374;
        p->hot_keys[0].key.dsize = 3;
        p->hot_keys[9].count = 0x01020304;
        p->hot_keys[9].key.dsize = 5;
        memcpy(p->hot_keys_wire, "keyvalue", 8);
        END("DatabaseStatistics");
    }
    {
        LIST(list_tunables, data, 17);
        p->length = 17;
        memcpy(p->data, "First:Second:3rd", 17);
        END("TunableNames");
    }
    {
        LIST(notify, data, 5);
        p->srvid = 0x1112131415161718;
        p->len = 5;
        memcpy(p->data, "value", 5);
        END("NotifyRegistration");
    }
    {
        LIST(echo, data, 5);
        p->timeout = 0x11121314;
        p->len = 5;
        memcpy(p->data, "value", 5);
        END("EchoData");
    }
}

static void addresses(void)
{
    {
        VALUE(public_ip);
        p->pnn = 0x11121314;
        put4(&p->addr);
        END("PublicIP");
    }
    {
        LIST(public_ip_list, ips, 2);
        p->num = 2;
        p->ips[0].pnn = 0x11121314;
        put4(&p->ips[0].addr);
        p->ips[1].pnn = 0xffffffff;
        put6(&p->ips[1].addr);
        END("PublicIPList");
    }
    {
        VALUE(iface);
        memcpy(p->name, "eth0", 5);
        p->link_state = 0x1112;
        p->references = 0x21222324;
        END("NetworkInterface");
    }
    {
        LIST(iface_list, ifaces, 2);
        p->num = 2;
        memcpy(p->ifaces[0].name, "eth0", 5);
        p->ifaces[0].link_state = 1;
        p->ifaces[0].references = 2;
        memcpy(p->ifaces[1].name, "a-name-of-17-byte", 17);
        END("NetworkInterfaceList");
    }
    {
        LIST(public_ip_info, ifaces, 1);
        p->ip.pnn = 0x11121314;
        put6(&p->ip.addr);
        p->active_idx = 0xffffffff;
        p->num = 1;
        memcpy(p->ifaces[0].name, "eth0", 5);
        p->ifaces[0].link_state = 1;
        p->ifaces[0].references = 2;
        END("PublicIPInfo");
    }
    {
        VALUE(connection);
        put4(&p->src);
        put6(&p->dst);
        END("TCPConnection");
    }
    {
        LIST(tickle_list, connections, 2);
        put4(&p->addr);
        p->num = 2;
        put4(&p->connections[0].src);
        put4(&p->connections[0].dst);
        put6(&p->connections[1].src);
        put4(&p->connections[1].dst);
        END("TickleList");
    }
    {
        LIST(addr_info, iface, 5);
        put4(&p->addr);
        p->mask = 24;
        p->len = 5;
        memcpy(p->iface, "eth0", 5);
        END("AddressInfo");
    }
}

static void databases(void)
{
    static const char *const pairs[] = { "BanState", "DatabaseTransaction", "DatabasePull" };
    static const char *const triples[] = { "DatabaseTransfer", "TraverseStart" };

    for (int i = 0; i < 3; i++) {
        VALUE(pair);
        p->first = 0x11121314;
        p->second = 0x21222324;
        END(pairs[i]);
    }
    for (int i = 0; i < 2; i++) {
        VALUE(pair_srvid);
        p->first = 0x11121314;
        p->second = 0x21222324;
        p->srvid = 0x3132333435363738;
        END(triples[i]);
    }
    {
        VALUE(traverse_start_ext);
        p->db_id = 0x11121314;
        p->reqid = 0x21222324;
        p->srvid = 0x3132333435363738;
        p->empty = true;
        END("TraverseStartExtended");
    }
    {
        VALUE(traverse_all);
        p->db_id = 0x11121314;
        p->reqid = 0x21222324;
        p->pnn = 0x31323334;
        p->client_reqid = 0x41424344;
        p->srvid = 0x5152535455565758;
        END("TraverseAll");
    }
    {
        VALUE(traverse_all_ext);
        p->db_id = 0x11121314;
        p->reqid = 0x21222324;
        p->pnn = 0x31323334;
        p->client_reqid = 0x41424344;
        p->srvid = 0x5152535455565758;
        p->empty = true;
        END("TraverseAllExtended");
    }
    {
        /* ctdb_db_vacuum, marshalled without padding */
        uint8_t bytes[5];
        struct number id = { 0x11121314 };
        memcpy(bytes, &id, 4);
        bytes[4] = 1;
        print("DatabaseVacuum", bytes, sizeof(bytes));
    }
    {
        /* ctdb_pid_srvid, marshalled without padding */
        uint8_t bytes[12];
        struct number pid = { 0x11121314 };
        struct wide srvid = { 0x2122232425262728 };
        memcpy(bytes, &pid, 4);
        memcpy(bytes + 4, &srvid, 8);
        print("ProcessSrvID", bytes, sizeof(bytes));
    }
}

/* A record with a header in front of its data; returns where the next one goes. */
static uint8_t *put_record(uint8_t *place, uint32_t reqid, const char *key, const char *data)
{
    struct rec_data record;
    struct ltdb_header header;
    size_t keylen = strlen(key), datalen = strlen(data);

    memset(&record, 0, sizeof(record));
    memset(&header, 0, sizeof(header));
    put_header(&header);
    record.length = offsetof(struct rec_data, data) + keylen + sizeof(header) + datalen;
    record.reqid = reqid;
    record.keylen = keylen;
    record.datalen = sizeof(header) + datalen;
    memcpy(place, &record, offsetof(struct rec_data, data));
    place += offsetof(struct rec_data, data);
    memcpy(place, key, keylen);
    memcpy(place + keylen, &header, sizeof(header));
    memcpy(place + keylen + sizeof(header), data, datalen);
    return place + keylen + sizeof(header) + datalen;
}

static void records(void)
{
    {
        VALUE(ltdb_header);
        put_header(p);
        END("RecordHeader");
    }
    {
        uint8_t bytes[128];
        uint8_t *end = put_record(bytes, 0x11121314, "key", "value");
        print("RecordData", bytes, end - bytes);
    }
    {
        uint8_t bytes[256];
        struct marshall_buffer buffer;
        uint8_t *end = bytes + offsetof(struct marshall_buffer, data);
        buffer.db_id = 0x11121314;
        buffer.count = 2;
        memcpy(bytes, &buffer, offsetof(struct marshall_buffer, data));
        end = put_record(end, 0, "key", "value");
        end = put_record(end, 1, "", "");
        print("RecordBuffer", bytes, end - bytes);
    }
    {
        LIST(schedule, key, 3);
        p->db_id = 0x11121314;
        put_header(&p->hdr);
        p->keylen = 3;
        memcpy(p->key, "key", 3);
        END("ScheduledDeletion");
    }
    {
        /* ctdb_push_record_data, marshalled field by field */
        uint8_t bytes[64];
        struct number generation = { 0x11121314 }, id = { 0x21222324 };
        struct number keylen = { 3 }, valuelen = { 5 };
        struct ltdb_header header;
        uint8_t *end = bytes;
        memset(&header, 0, sizeof(header));
        put_header(&header);
        memcpy(end, &generation, 4), end += 4;
        memcpy(end, &id, 4), end += 4;
        memcpy(end, &header, sizeof(header)), end += sizeof(header);
        memcpy(end, &keylen, 4), end += 4;
        memcpy(end, "key", 3), end += 3;
        memcpy(end, &valuelen, 4), end += 4;
        memcpy(end, "value", 5), end += 5;
        print("PushedRecord", bytes, end - bytes);
    }
}

static void others(void)
{
    {
        VALUE(election);
        p->num_connected = 0x11121314;
        p->time.seconds = 0x21222324;
        p->time.microseconds = 0x31323;
        p->pnn = 0x41424344;
        p->flags = 0x51525354;
        END("ElectionMessage");
    }
    {
        VALUE(server_id);
        p->pid = 0x1112131415161718;
        p->task_id = 0x21222324;
        p->vnn = 0x31323334;
        p->unique_id = 0x4142434445464748;
        END("ServerID");
    }
    {
        size_t size = 2 * sizeof(struct g_lock);
        struct g_lock *p = take(size);
        if (p == NULL) exit(1);
        p[0].sid.pid = 0x1112131415161718;
        p[0].sid.task_id = 0x21222324;
        p[0].sid.vnn = 0x31323334;
        p[0].sid.unique_id = 0x4142434445464748;
        p[1].type = 1;
        END("GlobalLockList");
    }
    {
        LIST(script_list, scripts, 1);
        p->num_scripts = 1;
        memcpy(p->scripts[0].name, "10.interface", 13);
        p->scripts[0].start.seconds = 0x11121314;
        p->scripts[0].start.microseconds = 0x21222;
        p->scripts[0].finished.seconds = 0x31323334;
        p->scripts[0].finished.microseconds = 0x41424;
        p->scripts[0].status = -2;
        memcpy(p->scripts[0].output, "output", 7);
        END("ScriptList");
    }
}
