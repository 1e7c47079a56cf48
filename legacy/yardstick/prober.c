// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// Asks addresses, each every so many milliseconds, and says who answers, and for how long nobody
// did.
//
// usage: prober MILLISECONDS ADDRESS...
//
// Each node of the laboratory has another time to live in what it sends (net.ipv4.ip_default_ttl),
// by which the answering node is known. Lines, with times in microseconds since 1970:
//
//   holder ADDRESS TTL TIME     the first answer of an address, and each first one of another node
//   gap ADDRESS MICROSECONDS TIME TTL TTL
//                               nobody answered for more than five questions: how long, when the
//                               last answer in front of it came, who gave it and who gave the next
//   longest ADDRESS MICROSECONDS TIME
//                               on SIGUSR1 and at the end (SIGTERM): the longest pause between
//                               two answers so far or since the last SIGUSR1, one that goes on
//                               included; behind the last address a line "end"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct target {
    const char *text;
    struct sockaddr_in address;
    int64_t last;
    int64_t longest;
    int64_t longest_from;
    int ttl;
};

static volatile sig_atomic_t is_report_due, is_over;

static void take_signal(int number) {
    if (number == SIGUSR1)
        is_report_due = 1;
    else
        is_over = 1;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static uint16_t checksum(const uint16_t *words, size_t count) {
    uint32_t sum = 0;
    while (count-- > 0)
        sum += *words++;
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~(sum + (sum >> 16));
}

static void ask(int fd, const struct target *target, uint16_t index) {
    struct icmphdr question;
    memset(&question, 0, sizeof question);
    question.type = ICMP_ECHO;
    question.un.echo.id = htons((uint16_t)getpid());
    question.un.echo.sequence = htons(index);
    question.checksum = checksum((const uint16_t *)&question, sizeof question / 2);
    // What cannot be sent is not answered, and that is what is measured.
    (void)sendto(fd, &question, sizeof question, MSG_DONTWAIT,
                 (const struct sockaddr *)&target->address, sizeof target->address);
}

static void note_pause(struct target *target, int64_t time) {
    if (target->last != 0 && time - target->last > target->longest) {
        target->longest = time - target->last;
        target->longest_from = target->last;
    }
}

static void report(struct target *targets, int count) {
    for (int at = 0; at < count; at++) {
        note_pause(&targets[at], now());
        printf("longest %s %lld %lld\n", targets[at].text, (long long)targets[at].longest,
               (long long)targets[at].longest_from);
        targets[at].longest = 0;
    }
    puts("end");
    fflush(stdout);
}

static void hear(int fd, struct target *targets, int count, int64_t interval) {
    union {
        struct ip header;
        uint8_t bytes[512];
    } packet;
    ssize_t size;
    while ((size = recv(fd, &packet, sizeof packet, MSG_DONTWAIT)) > 0) {
        struct icmphdr answer;
        size_t start = (size_t)packet.header.ip_hl * 4;
        if ((size_t)size < start + sizeof answer)
            continue;
        memcpy(&answer, packet.bytes + start, sizeof answer);
        int index = ntohs(answer.un.echo.sequence);
        if (answer.type != ICMP_ECHOREPLY || answer.un.echo.id != htons((uint16_t)getpid()) ||
            index >= count ||
            packet.header.ip_src.s_addr != targets[index].address.sin_addr.s_addr)
            continue;
        struct target *target = &targets[index];
        int64_t time = now();
        int ttl = packet.header.ip_ttl;
        note_pause(target, time);
        if (target->last != 0 && time - target->last > 5 * interval)
            printf("gap %s %lld %lld %d %d\n", target->text, (long long)(time - target->last),
                   (long long)target->last, target->ttl, ttl);
        if (target->ttl != ttl)
            printf("holder %s %d %lld\n", target->text, ttl, (long long)time);
        target->ttl = ttl;
        target->last = time;
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    int count = argc - 2;
    int64_t interval = argc > 2 ? atoll(argv[1]) * 1000 : 0;
    if (interval <= 0 || count > 4096) {
        fprintf(stderr, "usage: prober MILLISECONDS ADDRESS...\n");
        return 2;
    }
    struct target *targets = calloc((size_t)count, sizeof *targets);
    for (int at = 0; at < count; at++) {
        targets[at].text = argv[at + 2];
        targets[at].address.sin_family = AF_INET;
        if (inet_pton(AF_INET, argv[at + 2], &targets[at].address.sin_addr) != 1) {
            fprintf(stderr, "prober: not an address: %s\n", argv[at + 2]);
            return 2;
        }
    }
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    int size = 4 << 20;
    if (fd < 0) {
        perror("prober: socket");
        return 2;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = take_signal;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    // The questions of a round are spread over it.
    int64_t start = now();
    int64_t asked = 0;
    while (!is_over) {
        int64_t due = (now() - start) * count / interval;
        // After a stop of the whole machine the lost rounds are not made up for.
        if (due - asked > count)
            asked = due - count;
        for (; asked < due; asked++)
            ask(fd, &targets[asked % count], (uint16_t)(asked % count));
        struct pollfd waited = {.fd = fd, .events = POLLIN};
        poll(&waited, 1, 1);
        hear(fd, targets, count, interval);
        if (is_report_due) {
            is_report_due = 0;
            report(targets, count);
        }
    }
    report(targets, count);
    return 0;
}
