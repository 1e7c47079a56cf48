// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// What Swift's Glibc module lacks of Linux: headers that it does not cover, and calls whose macros,
// packed structs or control messages do not import. Every function answers -errno when it fails.

#ifndef TABLECLOTH_CLINUX_H
#define TABLECLOTH_CLINUX_H

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// The headers show these only with _GNU_SOURCE, which a module cannot ask for.
#ifndef SCM_CREDENTIALS
#define SCM_CREDENTIALS 0x02
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

/// The kernel's struct ucred.
struct clinux_credentials {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/// What came with a datagram besides its bytes.
struct clinux_datagram {
    struct clinux_credentials credentials;
    int has_credentials;
    int truncated;
};

/// Bytes of one datagram, and who sent it. The result is the datagram's whole length, even when
/// that is more than `capacity`. Descriptors that came along are closed.
static inline ssize_t clinux_receive(int fd, void *buffer, size_t capacity,
                                     struct clinux_datagram *out) {
    // There is room for credentials only, so that the kernel drops descriptors by itself.
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct clinux_credentials))];
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message;
    ssize_t count;

    memset(out, 0, sizeof *out);
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    do {
        count = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return -errno;
    out->truncated = (message.msg_flags & MSG_TRUNC) != 0;

    struct cmsghdr *next = CMSG_FIRSTHDR(&message);
    while (next != NULL) {
        size_t length = next->cmsg_len - CMSG_LEN(0);
        if (next->cmsg_level == SOL_SOCKET && next->cmsg_type == SCM_CREDENTIALS &&
            length == sizeof out->credentials) {
            memcpy(&out->credentials, CMSG_DATA(next), sizeof out->credentials);
            out->has_credentials = 1;
        } else if (next->cmsg_level == SOL_SOCKET && next->cmsg_type == SCM_RIGHTS) {
            for (size_t at = 0; at + sizeof(int) <= length; at += sizeof(int)) {
                int received;
                memcpy(&received, CMSG_DATA(next) + at, sizeof received);
                close(received);
            }
        }
        next = CMSG_NXTHDR(&message, next);
    }
    return count;
}

/// Sends bytes with one system call, without SIGPIPE and without waiting.
static inline ssize_t clinux_send(int fd, const void *bytes, size_t count) {
    ssize_t sent;
    do {
        sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/// Sends several pieces with one system call, without SIGPIPE and without waiting.
static inline ssize_t clinux_send_pieces(int fd, struct iovec *pieces, size_t count) {
    struct msghdr message;
    ssize_t sent;
    memset(&message, 0, sizeof message);
    message.msg_iov = pieces;
    message.msg_iovlen = count;
    do {
        sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/// Sends bytes together with descriptors, which tests do to those who must not keep them.
static inline ssize_t clinux_send_descriptor(int fd, const void *bytes, size_t count, int passed) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message;
    memset(&control, 0, sizeof control);
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof passed);
    ssize_t sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

/// Reads from a stream without waiting.
static inline ssize_t clinux_read_stream(int fd, void *buffer, size_t capacity) {
    ssize_t count;
    do {
        count = recv(fd, buffer, capacity, MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

/// Reads from any descriptor.
static inline ssize_t clinux_read(int fd, void *buffer, size_t capacity) {
    ssize_t count;
    do {
        count = read(fd, buffer, capacity);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

/// Writes to any descriptor.
static inline ssize_t clinux_write(int fd, const void *bytes, size_t count) {
    ssize_t written;
    do {
        written = write(fd, bytes, count);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : written;
}

/// Fills a Unix address; an abstract name has no file and begins with a zero byte.
static inline int clinux_unix_address(struct sockaddr_un *address, socklen_t *size,
                                      const char *name, int abstract) {
    size_t length = strlen(name);
    size_t first = abstract ? 1 : 0;
    if (length == 0 || length + 1 > sizeof address->sun_path)
        return length == 0 ? -EINVAL : -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path + first, name, length);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return 0;
}

/// Binds a Unix socket.
static inline int clinux_unix_bind(int fd, const char *name, int abstract) {
    struct sockaddr_un address;
    socklen_t size;
    int result = clinux_unix_address(&address, &size, name, abstract);
    if (result < 0)
        return result;
    return bind(fd, (const struct sockaddr *)&address, size) < 0 ? -errno : 0;
}

/// Connects a Unix socket; a Unix connect that a signal interrupted has not begun.
static inline int clinux_unix_connect(int fd, const char *name, int abstract) {
    struct sockaddr_un address;
    socklen_t size;
    int result = clinux_unix_address(&address, &size, name, abstract);
    if (result < 0)
        return result;
    do {
        result = connect(fd, (const struct sockaddr *)&address, size);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

/// Makes a Unix socket that does not wait and is not inherited.
static inline int clinux_unix_socket(int type) {
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

/// Makes two Unix stream sockets that are connected to each other.
static inline int clinux_stream_pair(int *first, int *second) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    *first = pair[0];
    *second = pair[1];
    return 0;
}

/// Takes a connection; it does not wait and is not inherited.
static inline int clinux_accept(int fd) {
    // accept4 is hidden without _GNU_SOURCE.
    long result;
    do {
        result = syscall(SYS_accept4, fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : (int)result;
}

/// Sets a socket option that is an int.
static inline int clinux_set_option(int fd, int option, int value) {
    return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value) < 0 ? -errno : 0;
}

/// The value of a socket option that is an int.
static inline int clinux_get_option(int fd, int option, int *value) {
    socklen_t size = sizeof *value;
    return getsockopt(fd, SOL_SOCKET, option, value, &size) < 0 ? -errno : 0;
}

/// Who made the other end of a connected Unix stream.
static inline int clinux_peer_credentials(int fd, struct clinux_credentials *out) {
    socklen_t size = sizeof *out;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &size) < 0 ? -errno : 0;
}

/// Makes an epoll descriptor.
static inline int clinux_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// Adds (EPOLL_CTL_ADD), changes (EPOLL_CTL_MOD) or takes away (EPOLL_CTL_DEL) a descriptor.
static inline int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events,
                                       uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/// An epoll event in a layout that is the same on every machine.
struct clinux_event {
    uint64_t token;
    uint32_t events;
};

enum { CLINUX_EVENT_BATCH = 64 };

/// Waits for up to CLINUX_EVENT_BATCH events; negative nanoseconds wait for ever.
/// `precise` says whether to use epoll_pwait2, which kernels before 5.11 lack.
static inline int clinux_epoll_wait(int epoll, struct clinux_event *out, int64_t nanoseconds,
                                    int precise) {
    struct epoll_event events[CLINUX_EVENT_BATCH];
    long count;
    if (precise && nanoseconds > 0) {
        struct timespec limit = {.tv_sec = nanoseconds / 1000000000,
                                 .tv_nsec = nanoseconds % 1000000000};
        count = syscall(SYS_epoll_pwait2, epoll, events, CLINUX_EVENT_BATCH, &limit, NULL, 0);
    } else {
        int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
        if (milliseconds > INT32_MAX)
            milliseconds = INT32_MAX;
        count = epoll_wait(epoll, events, CLINUX_EVENT_BATCH, (int)milliseconds);
    }
    if (count < 0)
        return -errno;
    for (long at = 0; at < count; at++) {
        out[at].token = events[at].data.u64;
        out[at].events = events[at].events;
    }
    return (int)count;
}

/// Makes a descriptor for a monotonic timer.
static inline int clinux_timer_create(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// Sets a timer descriptor to one absolute monotonic time; 0 takes the time away.
static inline int clinux_timer_set(int fd, uint64_t nanoseconds) {
    struct itimerspec value;
    memset(&value, 0, sizeof value);
    value.it_value.tv_sec = (time_t)(nanoseconds / 1000000000);
    value.it_value.tv_nsec = (long)(nanoseconds % 1000000000);
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL) < 0 ? -errno : 0;
}

/// Makes a descriptor that another thread can make readable.
static inline int clinux_event_create(void) {
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// Makes an event descriptor readable.
static inline int clinux_event_raise(int fd) {
    uint64_t one = 1;
    return (int)clinux_write(fd, &one, sizeof one);
}

/// Makes an event descriptor unreadable.
static inline int clinux_event_lower(int fd) {
    uint64_t count;
    return (int)clinux_read(fd, &count, sizeof count);
}

/// A clock in nanoseconds; 0 when there is no such clock.
static inline uint64_t clinux_clock(clockid_t clock) {
    struct timespec value;
    if (clock_gettime(clock, &value) < 0)
        return 0;
    return (uint64_t)value.tv_sec * 1000000000 + (uint64_t)value.tv_nsec;
}

/// The next signal that a signal descriptor holds, or -EAGAIN.
static inline int clinux_next_signal(int fd) {
    struct signalfd_siginfo info;
    ssize_t count = clinux_read(fd, &info, sizeof info);
    if (count < 0)
        return (int)count;
    return count == sizeof info ? (int)info.ssi_signo : -EIO;
}

/// Blocks the signals whose bits (1 << number) are set and makes a descriptor that reads them.
/// `previous` receives the bits of those among them that were blocked before.
static inline int clinux_signal_descriptor(uint64_t signals, uint64_t *previous) {
    sigset_t set, old;
    sigemptyset(&set);
    for (int number = 1; number < 32; number++)
        if (signals >> number & 1)
            sigaddset(&set, number);
    int result = pthread_sigmask(SIG_BLOCK, &set, &old);
    if (result != 0)
        return -result;
    *previous = 0;
    for (int number = 1; number < 32; number++)
        if ((signals >> number & 1) && sigismember(&old, number) == 1)
            *previous |= (uint64_t)1 << number;
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/// Lets the signals whose bits (1 << number) are set through again.
static inline int clinux_unblock_signals(uint64_t signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int number = 1; number < 32; number++)
        if (signals >> number & 1)
            sigaddset(&set, number);
    return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/// The kind, mode, owner and identity of a file.
struct clinux_file {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    uint32_t permissions;
    uint32_t uid;
    int is_directory;
    int is_regular;
    int is_socket;
};

/// Looks at a file without following a symbolic link at its end.
static inline int clinux_look(const char *path, struct clinux_file *out) {
    struct stat found;
    if (lstat(path, &found) < 0)
        return -errno;
    out->device = (uint64_t)found.st_dev;
    out->inode = (uint64_t)found.st_ino;
    out->size = (int64_t)found.st_size;
    out->permissions = (uint32_t)found.st_mode & 07777;
    out->is_directory = S_ISDIR(found.st_mode);
    out->is_regular = S_ISREG(found.st_mode);
    out->is_socket = S_ISSOCK(found.st_mode);
    out->uid = (uint32_t)found.st_uid;
    return 0;
}

/// Removes a directory and the files in it; directories in it stay, and keep it.
static inline int clinux_remove_directory(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return -errno;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        (void)unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    return rmdir(path) < 0 ? -errno : 0;
}

/// Room for a file name and its zero byte.
enum { CLINUX_NAME_LIMIT = 256 };

/// The next name in a folder: 1 and the name, 0 at the end, or a negative error number.
static inline int clinux_next_name(DIR *folder, char *name) {
    errno = 0;
    struct dirent *entry = readdir(folder);
    if (entry == NULL)
        return -errno;
    size_t length = strlen(entry->d_name);
    if (length >= CLINUX_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(name, entry->d_name, length + 1);
    return 1;
}

/// Fills a buffer with random bytes.
static inline int clinux_random(void *buffer, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = getrandom((char *)buffer + done, count - done, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        done += (size_t)got;
    }
    return 0;
}

/// Asks for first-in-first-out realtime scheduling, which children do not inherit.
static inline int clinux_schedule_realtime(int priority) {
    struct sched_param parameter;
    memset(&parameter, 0, sizeof parameter);
    parameter.sched_priority = priority;
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) < 0 ? -errno : 0;
}

/// Takes the pages of code that were used so far out of this process; those that are used again
/// come back from the page cache, at a fault for sixteen of them.
void clinux_drop_code(void);

/// Gives memory that the allocator keeps in reserve back to the kernel.
static inline void clinux_trim_memory(void) {
    (void)malloc_trim(0);
    clinux_drop_code();
}

/// Keeps the allocator from growing a heap per thread.
static inline void clinux_limit_arenas(int count) {
    (void)mallopt(M_ARENA_MAX, count);
    // Frames come and go: keep some room at the top, instead of asking the kernel for it each time.
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
    (void)mallopt(M_TOP_PAD, 256 << 10);
}

#endif
