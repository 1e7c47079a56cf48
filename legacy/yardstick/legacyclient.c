// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors
//
// The bare legacy client in C, which says whether the one in ctdb-bench is as fast as it can be.
// Message head: the sender's node (u32), a number that comes back (u32), the srvid to answer to
// (u64); the same as ctdb-bench's, so that either may answer the other.
//
//   legacyclient serve SOCKET SRVID
//   legacyclient load SOCKET SRVID NODE OWN_NODE OUTSTANDING SIZE SECONDS
//
// load prints "COUNT PER_SECOND P50_US P99_US".

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    MAGIC = 0x43544442,
    REQUEST_MESSAGE = 5,
    REQUEST_CONTROL = 7,
    REPLY_CONTROL = 8,
    REGISTER_SRVID = 23,
    CURRENT_NODE = (int)0xF0000001,
    INPUT = 4 << 20,
    OUTPUT = 4 << 20,
    WARMUP = 500,
};

struct header {
    uint32_t length, magic, version, generation, operation, destination, source, reqid;
};
struct head {
    uint32_t node, number;
    uint64_t srvid;
};

static int ctdbd;
static char *input, *output;
static size_t in_count, out_count;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now(void) {
    struct timespec value;
    clock_gettime(CLOCK_MONOTONIC, &value);
    return (uint64_t)value.tv_sec * 1000000000 + (uint64_t)value.tv_nsec;
}

static void flush_output(void) {
    for (size_t sent = 0; sent < out_count;) {
        ssize_t count = send(ctdbd, output + sent, out_count - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            die("send");
        if (count > 0)
            sent += (size_t)count;
    }
    out_count = 0;
}

// Appends the fixed part of a packet of two lengths, padded to 8, and says where the rest goes.
static char *packet(uint32_t operation, uint32_t node, size_t body) {
    size_t length = (sizeof(struct header) + body + 7) & ~(size_t)7;
    if (length > OUTPUT - out_count)
        flush_output();
    char *place = output + out_count;
    struct header header = {(uint32_t)length, MAGIC, 1, 1, operation, node, ~(uint32_t)0, 0};
    memcpy(place, &header, sizeof header);
    memset(place + length - 8, 0, 8);
    out_count += length;
    return place + sizeof header;
}

static void message(uint32_t node, uint64_t srvid, const char *data, uint32_t size) {
    char *place = packet(REQUEST_MESSAGE, node, 12 + size);
    memcpy(place, &srvid, 8);
    memcpy(place + 8, &size, 4);
    memcpy(place + 12, data, size);
}

static void attach(const char *path, uint64_t srvid) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    input = malloc(INPUT);
    output = malloc(OUTPUT);
    ctdbd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (input == NULL || output == NULL || strlen(path) >= sizeof name.sun_path)
        die(path);
    strcpy(name.sun_path, path);
    if (ctdbd < 0 || connect(ctdbd, (struct sockaddr *)&name, sizeof name) < 0)
        die(path);
    // opcode, padding, srvid, client, flags, length of data; room for one byte of it.
    uint32_t opcode = REGISTER_SRVID;
    char *place = packet(REQUEST_CONTROL, (uint32_t)CURRENT_NODE, 32);
    memset(place, 0, 32);
    memcpy(place, &opcode, 4);
    memcpy(place + 8, &srvid, 8);
    flush_output();
}

// Reads once and hands on each whole packet's operation and body.
static void turn(void (*take)(uint32_t operation, const char *body, size_t size)) {
    ssize_t count = recv(ctdbd, input + in_count, INPUT - in_count, 0);
    if (count < 0 && errno == EINTR)
        return;
    if (count <= 0)
        die("recv");
    in_count += (size_t)count;
    size_t at = 0;
    while (in_count - at >= sizeof(struct header)) {
        struct header header;
        memcpy(&header, input + at, sizeof header);
        if (header.magic != MAGIC || header.length < sizeof header || header.length > INPUT) {
            errno = EPROTO;
            die("packet");
        }
        if (in_count - at < header.length)
            break;
        take(header.operation, input + at + sizeof header, header.length - sizeof header);
        at += header.length;
    }
    memmove(input, input + at, in_count - at);
    in_count -= at;
    flush_output();
}

// The data of a message and its head; NULL when it is none.
static const char *message_data(uint32_t operation, const char *body, size_t room,
                                struct head *head, uint32_t *size) {
    if (operation != REQUEST_MESSAGE || room < 12)
        return NULL;
    memcpy(size, body + 8, 4);
    if (*size > room - 12 || *size < sizeof *head)
        return NULL;
    memcpy(head, body + 12, sizeof *head);
    return body + 12;
}

static void answer(uint32_t operation, const char *body, size_t room) {
    struct head head;
    uint32_t size;
    const char *data = message_data(operation, body, room, &head, &size);
    if (data != NULL)
        message(head.node, head.srvid, data, size);
}

static uint64_t service, begun[4096], *times, start, end, limit;
static uint32_t other, size_of_request;
static char *request;
static size_t done, capacity;
static int registered;

static void begin(uint32_t number) {
    memcpy(request + offsetof(struct head, number), &number, 4);
    begun[number] = now();
    message(other, service, request, size_of_request);
}

static void settle(uint32_t operation, const char *body, size_t room) {
    struct head head;
    uint32_t size;
    if (operation == REPLY_CONTROL)
        registered = 1;
    if (message_data(operation, body, room, &head, &size) == NULL || head.number >= 4096)
        return;
    uint64_t time = now();
    if (done == WARMUP)
        start = time;
    if (done >= WARMUP && done - WARMUP < capacity)
        times[done - WARMUP] = time - begun[head.number];
    done++;
    if (done > WARMUP + 1 && time - start >= limit)
        end = time;
    begin(head.number);
}

static int by_size(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void load(char **argument) {
    uint64_t own = (uint64_t)0xAE << 56 | (uint64_t)2 << 32 | (uint64_t)getpid();
    uint32_t outstanding = (uint32_t)atol(argument[4]);
    struct head head = {(uint32_t)atol(argument[3]), 0, own};
    attach(argument[0], own);
    service = strtoull(argument[1], NULL, 0);
    other = (uint32_t)atol(argument[2]);
    size_of_request = (uint32_t)atol(argument[5]);
    limit = (uint64_t)(atof(argument[6]) * 1e9);
    capacity = 4 << 20;
    times = calloc(capacity, sizeof *times);
    request = calloc(1, size_of_request);
    if (times == NULL || request == NULL || size_of_request < sizeof head ||
        size_of_request > INPUT / 2 || outstanding < 1 || outstanding > 4096) {
        errno = EINVAL;
        die("load");
    }
    memcpy(request, &head, sizeof head);
    while (!registered)
        turn(settle);
    for (uint32_t number = 0; number < outstanding; number++)
        begin(number);
    flush_output();
    while (end == 0)
        turn(settle);
    size_t count = done - WARMUP - 1;
    size_t kept = count < capacity ? count : capacity;
    qsort(times, kept, sizeof *times, by_size);
    printf("%zu %.1f %.1f %.1f\n", count, (double)count * 1e9 / (double)(end - start),
           (double)times[kept / 2] / 1000, (double)times[kept * 99 / 100] / 1000);
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "serve") == 0) {
        attach(argv[2], strtoull(argv[3], NULL, 0));
        for (;;)
            turn(answer);
    }
    if (argc == 9 && strcmp(argv[1], "load") == 0) {
        load(argv + 2);
        return 0;
    }
    fprintf(stderr, "usage: legacyclient serve SOCKET SRVID\n       legacyclient load "
                    "SOCKET SRVID NODE OWN_NODE OUTSTANDING SIZE SECONDS\n");
    return 2;
}
