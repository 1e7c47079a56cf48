// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// Runs an event of an event daemon a number of times, one after the other, and prints the median of
// the microseconds that a run took.
//
// usage: eventclient SOCKET COMPONENT EVENT COUNT

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static double now(void) {
    struct timespec value;
    clock_gettime(CLOCK_MONOTONIC, &value);
    return (double)value.tv_sec * 1e6 + (double)value.tv_nsec / 1e3;
}

static size_t put(uint8_t *out, uint32_t value) {
    memcpy(out, &value, sizeof value);
    return sizeof value;
}

static size_t put_text(uint8_t *out, const char *text) {
    uint32_t size = (uint32_t)strlen(text) + 1;
    size_t at = put(out, size);
    memcpy(out + at, text, size);
    return at + size;
}

static int compare(const void *first, const void *second) {
    double a = *(const double *)first, b = *(const double *)second;
    return a < b ? -1 : a > b;
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint8_t request[1024], reply[20];
    if (argc != 5 || strlen(argv[1]) >= sizeof address.sun_path || strlen(argv[2]) > 255 ||
        strlen(argv[3]) > 255) {
        fprintf(stderr, "usage: eventclient SOCKET COMPONENT EVENT COUNT\n");
        return 2;
    }
    size_t count = strtoul(argv[4], NULL, 10);
    double *times = calloc(count + 1, sizeof *times);
    if (times == NULL || count == 0)
        fail("count");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, argv[1]);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail(argv[1]);
    for (size_t run = 0; run < count; run++) {
        size_t size = 4;
        size += put(request + size, 0);
        size += put(request + size, (uint32_t)run + 1);
        size += put(request + size, 1);
        size += put_text(request + size, argv[2]);
        size += put_text(request + size, argv[3]);
        size += put(request + size, 0);
        size += put(request + size, 600);
        size += put(request + size, 0);
        put(request, (uint32_t)size);
        double start = now();
        if (write(fd, request, size) != (ssize_t)size)
            fail("write");
        if (recv(fd, reply, sizeof reply, MSG_WAITALL) != sizeof reply)
            fail("read");
        times[run] = now() - start;
        int32_t result;
        memcpy(&result, reply + 16, sizeof result);
        if (result != 0) {
            fprintf(stderr, "the event came to %d\n", result);
            return 2;
        }
    }
    qsort(times, count, sizeof *times, compare);
    printf("%.1f\n", (times[(count - 1) / 2] + times[count / 2]) / 2);
    return 0;
}
