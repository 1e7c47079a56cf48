// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors
//
// What the kernel alone takes for a round trip between two processes over Unix datagrams:
//
//   datagram serve PATH
//   datagram load PATH COUNT SIZE      prints "COUNT PER_SECOND P50_US P99_US"
//
// Both ends block in recvmsg, so no wait costs a system call of its own.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 65536, WARMUP = 500 };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now(void) {
    struct timespec value;
    clock_gettime(CLOCK_MONOTONIC, &value);
    return (uint64_t)value.tv_sec * 1000000000 + (uint64_t)value.tv_nsec;
}

static struct sockaddr_un address(const char *path) {
    struct sockaddr_un result;
    memset(&result, 0, sizeof result);
    result.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof result.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(result.sun_path, path);
    return result;
}

static int bound(const char *path) {
    struct sockaddr_un name = address(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0)
        die(path);
    return fd;
}

static ssize_t take(int fd, char *buffer, size_t size, struct sockaddr_un *from) {
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message;
    ssize_t count;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = from;
    message.msg_namelen = from == NULL ? 0 : sizeof *from;
    do {
        count = recvmsg(fd, &message, 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        die("recvmsg");
    return count;
}

static void give(int fd, char *buffer, size_t size, struct sockaddr_un *to) {
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = to;
    message.msg_namelen = sizeof *to;
    if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
        die("sendmsg");
}

static void serve(const char *path) {
    static char buffer[LARGEST];
    int fd = bound(path);
    for (;;) {
        struct sockaddr_un from;
        ssize_t count = take(fd, buffer, sizeof buffer, &from);
        give(fd, buffer, (size_t)count, &from);
    }
}

static int by_size(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void load(const char *path, long count, size_t size) {
    static char buffer[LARGEST];
    struct sockaddr_un to = address(path);
    char own[sizeof to.sun_path];
    uint64_t *times = calloc((size_t)count, sizeof *times);
    if (times == NULL || size > sizeof buffer ||
        snprintf(own, sizeof own, "%s.%d", path, (int)getpid()) >= (int)sizeof own)
        die("load");
    int fd = bound(own);
    uint64_t start = 0;
    for (long at = -WARMUP; at < count; at++) {
        uint64_t begun = now();
        if (at == 0)
            start = begun;
        give(fd, buffer, size, &to);
        take(fd, buffer, sizeof buffer, NULL);
        if (at >= 0)
            times[at] = now() - begun;
    }
    double seconds = (double)(now() - start) / 1e9;
    unlink(own);
    qsort(times, (size_t)count, sizeof *times, by_size);
    printf("%ld %.1f %.1f %.1f\n", count, (double)count / seconds,
           (double)times[count / 2] / 1000, (double)times[count * 99 / 100] / 1000);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        serve(argv[2]);
    } else if (argc == 5 && strcmp(argv[1], "load") == 0 && atol(argv[3]) > 0) {
        load(argv[2], atol(argv[3]), (size_t)atol(argv[4]));
    } else {
        fprintf(stderr, "usage: datagram serve PATH | load PATH COUNT SIZE\n");
        return 2;
    }
    return 0;
}
