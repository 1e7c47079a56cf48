// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// What a daemon needs that starts programs and is started by one. Every function answers -errno
// when it fails.

#ifndef TABLECLOTH_CLINUX_CHILD_H
#define TABLECLOTH_CLINUX_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clinux_process.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/// What a program finds around it, where that is not what this process has.
struct clinux_surroundings {
    /// `NAME=value` strings behind each other, each with its NUL; null for this process's own.
    const char *environment;
    size_t environment_count;
    /// The folder that it is in; null for this process's own.
    const char *directory;
    /// The permissions that it takes away from new files; -1 for this process's own.
    int file_mode_mask;
    /// What it reads as its standard input; -1 for this process's own.
    int input;
    /// The process whose limits it has; 0 for this one.
    int limits_of;
    /// The signal that it gets when the thread that started it ends; 0 for none.
    int death_signal;
};

/// Starts a program in a process group of its own, with no signal blocked and with its output and
/// errors in a pipe; `output` receives the reading end, which does not wait.
///
/// `arguments` are `count` strings behind each other, each with its NUL. The result is the process,
/// or -errno; `is_program` says whether that is about the program rather than about this process.
int clinux_spawn(const char *path, const char *arguments, size_t count,
                 const struct clinux_surroundings *surroundings, int *output, int *is_program);

/// Makes a file in memory, which is read from its beginning on.
int clinux_memory_file(const void *bytes, size_t count);

/// A descriptor that becomes readable when a process ends; Linux 5.3 and later.
static inline int clinux_process_descriptor(int pid) {
    long result = syscall(SYS_pidfd_open, pid, 0);
    return result < 0 ? -errno : (int)result;
}

/// Takes what is left of a child: 0 while it runs, 1 when it exited with `code`, 2 when the signal
/// `code` ended it.
static inline int clinux_reap(int pid, int *code) {
    int status;
    pid_t found;
    do {
        found = waitpid(pid, &status, WNOHANG);
    } while (found < 0 && errno == EINTR);
    if (found < 0)
        return -errno;
    if (found == 0)
        return 0;
    *code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return WIFSIGNALED(status) ? 2 : 1;
}

/// The bytes that wait in a pipe.
static inline int clinux_waiting(int fd) {
    int count = 0;
    return ioctl(fd, FIONREAD, &count) < 0 ? -errno : count;
}

/// Locks a whole file for writing, as fcntl does it; the result is the holder's process, 0 when the
/// lock is ours now, or -errno.
static inline int clinux_lock_file(int fd) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return 0;
    if (errno != EAGAIN && errno != EACCES)
        return -errno;
    if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return -EAGAIN;
    return lock.l_pid > 0 ? (int)lock.l_pid : -EAGAIN;
}

/// What stat says of a file at the end of links: its mode, or -errno.
static inline int clinux_mode(const char *path) {
    struct stat found;
    return stat(path, &found) < 0 ? -errno : (int)found.st_mode;
}

/// What stat says of a file at the end of links: its mode, and when it was last changed in any way,
/// in microseconds since 1970; or -errno.
static inline int clinux_changed(const char *path, int64_t *microseconds) {
    struct stat found;
    if (stat(path, &found) < 0)
        return -errno;
    *microseconds = (int64_t)found.st_ctim.tv_sec * 1000000 + found.st_ctim.tv_nsec / 1000;
    return (int)found.st_mode;
}

/// Gives or takes the right of everybody to execute a file that is no symbolic link; 0 or -errno.
static inline int clinux_set_executable(const char *path, int is_executable) {
    struct stat named, opened;
    if (lstat(path, &named) < 0)
        return -errno;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int result = fstat(fd, &opened) < 0 ? -errno : 0;
    if (result == 0 && (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev))
        result = -EINVAL;
    mode_t bits = S_IXUSR | S_IXGRP | S_IXOTH;
    mode_t mode = is_executable ? opened.st_mode | bits : opened.st_mode & ~bits;
    if (result == 0 && fchmod(fd, mode & 07777) < 0)
        result = -errno;
    close(fd);
    return result;
}

/// Blocks one signal, so that it waits instead of ending the process.
static inline int clinux_block_signal(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/// A datagram socket that sends to a port of this machine and does not wait.
static inline int clinux_local_port(int port) {
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int code = errno;
        close(fd);
        return -code;
    }
    return fd;
}

/// The parts of a moment of the local calendar; `offset` is in seconds east of UTC.
struct clinux_calendar {
    int year, month, day, hour, minute, second, offset;
};

/// Splits seconds since 1970 by the time zone of this machine.
static inline struct clinux_calendar clinux_calendar_of(int64_t seconds) {
    time_t time = (time_t)seconds;
    struct tm parts;
    struct clinux_calendar out;
    memset(&parts, 0, sizeof parts);
    (void)localtime_r(&time, &parts);
    out.year = parts.tm_year + 1900;
    out.month = parts.tm_mon + 1;
    out.day = parts.tm_mday;
    out.hour = parts.tm_hour;
    out.minute = parts.tm_min;
    out.second = parts.tm_sec;
    // tm_gmtoff has another name without _DEFAULT_SOURCE; this has one name everywhere.
    out.offset = (int)(timegm(&parts) - time);
    return out;
}

#endif
