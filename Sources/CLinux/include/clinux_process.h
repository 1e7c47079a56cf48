// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// What a command line needs of the system. Every function answers -errno when it fails.

#ifndef TABLECLOTH_CLINUX_PROCESS_H
#define TABLECLOTH_CLINUX_PROCESS_H

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/// The environment variables, `NAME=value`, ended by a null pointer.
static inline char **clinux_environment(void) { return environ; }

/// Runs a program with this environment, and waits for its end; the result is 0 or -errno, and
/// `status` is as waitpid gives it. The program gets no signal blocked.
static inline int clinux_run(const char *path, char *const *arguments, int *status) {
    pid_t child;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int result = posix_spawn(&child, path, NULL, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    if (result != 0)
        return -result;
    pid_t ended;
    do {
        ended = waitpid(child, status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended < 0 ? -errno : 0;
}

static inline int clinux_exit_status(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int clinux_exit_signal(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static inline void clinux_say_runtime_is_over(int number) {
    static const char text[] = "Maximum runtime exceeded - exiting\n";
    ssize_t written = write(2, text, sizeof text - 1);
    (void)written;
    (void)number;
}

static inline void clinux_end_runtime(int number) {
    (void)number;
    signal(SIGTERM, clinux_say_runtime_is_over);
    kill(0, SIGTERM);
    _exit(1);
}

/// Ends the process group after so many seconds; 0 never does.
static inline void clinux_limit_runtime(unsigned seconds) {
    signal(SIGALRM, clinux_end_runtime);
    alarm(seconds);
}

/// Makes the process the leader of a group of its own, and says so to children by a variable.
static inline void clinux_lead_group(const char *variable) {
    setpgid(0, 0);
    setenv(variable, "1", 1);
}

/// A time as ctime gives it, with its newline; the result is 0 or -errno.
static inline int clinux_local_time(int64_t seconds, char *text, size_t capacity) {
    char line[64];
    time_t time = (time_t)seconds;
    if (ctime_r(&time, line) == NULL)
        return -EOVERFLOW;
    size_t length = strlen(line);
    if (length + 1 > capacity)
        return -ERANGE;
    memcpy(text, line, length + 1);
    return 0;
}

/// The columns of a terminal, 0 when the descriptor is none.
static inline int clinux_terminal_width(int fd) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// Binds a stream socket to an address of 16 (IPv4) or 28 (IPv6) bytes and closes it again; the
/// result is 0 or -errno.
static inline int clinux_try_bind(const void *address, size_t size) {
    struct sockaddr_in6 copy;
    memset(&copy, 0, sizeof copy);
    if (size > sizeof copy)
        return -EINVAL;
    memcpy(&copy, address, size);
    int fd = socket(copy.sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -errno;
    int result = bind(fd, (const struct sockaddr *)&copy, (socklen_t)size) < 0 ? -errno : 0;
    close(fd);
    return result;
}

/// Opens a raw socket on which a sender writes the network header itself.
static inline int clinux_raw_socket(int family) {
    int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    return fd < 0 ? -errno : fd;
}

/// Says that the sender writes the IPv4 header itself.
static inline int clinux_include_header(int fd) {
    int one = 1;
    return setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof one) < 0 ? -errno : 0;
}

/// Sends a packet to an address of 16 (IPv4) or 28 (IPv6) bytes.
static inline ssize_t clinux_send_raw(int fd, const void *packet, size_t count,
                                      const void *address, size_t size) {
    struct sockaddr_in6 copy;
    memset(&copy, 0, sizeof copy);
    if (size > sizeof copy)
        return -EINVAL;
    memcpy(&copy, address, size);
    ssize_t sent = sendto(fd, packet, count, 0, (const struct sockaddr *)&copy, (socklen_t)size);
    return sent < 0 ? -errno : sent;
}

#endif
