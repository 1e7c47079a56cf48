// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// A client of TCP that talks all the time and connects anew as soon as its connection is reset, and
// the server to it.
//
// usage: reconnect serve PORT
//        reconnect ADDRESS PORT
//
// The client says a byte every 10 ms and hears it again. Lines, with times in microseconds since
// 1970:
//
//   connected TIME      a connection has come about, and its first byte has come back
//   lost TIME REASON    the connection is broken, or could not be made: an errno, or 0 for its end

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 1024 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static int serve(int port) {
    struct pollfd waited[LIMIT];
    int count = 1;
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int one = 1;
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (const struct sockaddr *)&own, sizeof own) < 0 || listen(listener, 64) < 0)
        fail("reconnect: listen");
    waited[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    while (poll(waited, (nfds_t)count, -1) >= 0) {
        for (int at = count - 1; at > 0; at--) {
            char bytes[256];
            if (waited[at].revents == 0)
                continue;
            ssize_t got = recv(waited[at].fd, bytes, sizeof bytes, MSG_DONTWAIT);
            if (got > 0 && send(waited[at].fd, bytes, (size_t)got, MSG_NOSIGNAL) == got)
                continue;
            if (got < 0 && errno == EAGAIN)
                continue;
            close(waited[at].fd);
            waited[at] = waited[--count];
        }
        if (waited[0].revents != 0 && count < LIMIT) {
            int fd = accept(listener, NULL, NULL);
            if (fd >= 0) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                waited[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
            }
        }
    }
    return 0;
}

// Talks over one connection until it is over; the reason is an errno, or 0.
static int talk(const struct sockaddr_in *server) {
    int one = 1;
    int problem = 0;
    int is_said = 0;
    socklen_t size = sizeof problem;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) < 0 && errno != EINPROGRESS)
        problem = errno;
    struct pollfd waited = {.fd = fd, .events = POLLOUT};
    while (problem == 0) {
        if (poll(&waited, 1, 10) > 0) {
            if (waited.events == POLLOUT) {
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
                waited.events = POLLIN;
            } else {
                char bytes[256];
                ssize_t got = recv(fd, bytes, sizeof bytes, 0);
                if (got == 0)
                    break;
                if (got < 0 && errno != EAGAIN)
                    problem = errno;
                if (got > 0 && !is_said) {
                    printf("connected %lld\n", (long long)now());
                    is_said = 1;
                }
            }
        }
        // A full buffer only means that nobody hears at the moment.
        if (problem == 0 && waited.events == POLLIN && send(fd, "x", 1, MSG_NOSIGNAL) < 0 &&
            errno != EAGAIN)
            problem = errno;
        if (waited.events == POLLIN)
            usleep(10000);
    }
    close(fd);
    return problem;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(atoi(argv[2]));
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: reconnect serve PORT | reconnect ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (;;) {
        int problem = talk(&server);
        printf("lost %lld %d\n", (long long)now(), problem);
        usleep(1000);
    }
}
