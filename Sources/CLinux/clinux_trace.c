// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux_trace.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

int clinux_trace_begin(int pid) {
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
        return -errno;
    return ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 ? -errno : 0;
}

int clinux_trace_look(int pid, int *code) {
    int status = 0;
    pid_t found;
    do {
        found = waitpid(pid, &status, WNOHANG | __WALL);
    } while (found < 0 && errno == EINTR);
    if (found < 0)
        return -errno;
    if (found == 0)
        return 0;
    if (!WIFSTOPPED(status))
        return 3;
    *code = WSTOPSIG(status);
    // Stopped by job control looks the same but for the signal.
    return status >> 16 == PTRACE_EVENT_STOP && *code == SIGTRAP ? 1 : 2;
}

int clinux_trace_end(int pid, int signal_number) {
    return ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)signal_number) < 0 ? -errno : 0;
}

int clinux_trace_waits_for_events(int pid) {
#if defined(__x86_64__)
    struct user_regs_struct registers;
#elif defined(__aarch64__)
    struct user_pt_regs registers;
#else
    (void)pid;
    return -ENOSYS;
#endif
#if defined(__x86_64__) || defined(__aarch64__)
    memset(&registers, 0, sizeof registers);
    struct iovec room = {.iov_base = &registers, .iov_len = sizeof registers};
    if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &room) < 0)
        return -errno;
#if defined(__x86_64__)
    const long call = (long)registers.orig_rax;
    const long result = (long)registers.rax;
    const int is_wait = call == SYS_epoll_wait || call == SYS_epoll_pwait ||
                        call == SYS_epoll_pwait2;
#else
    const long call = (long)registers.regs[8];
    const long result = (long)registers.regs[0];
    const int is_wait = call == SYS_epoll_pwait || call == SYS_epoll_pwait2;
#endif
    // Events that were there would have been the result.
    return is_wait && result == -EINTR;
#endif
}

/// Adds the signals of one of the two queues of a process.
static int add_pending(int pid, unsigned flags, uint64_t *signals) {
    siginfo_t found[8];
    struct __ptrace_peeksiginfo_args arguments = {.off = 0, .flags = flags, .nr = 8};
    for (;;) {
        long count = ptrace(PTRACE_PEEKSIGINFO, pid, &arguments, found);
        if (count < 0)
            return -errno;
        for (long at = 0; at < count; at++)
            if (found[at].si_signo > 0 && found[at].si_signo <= 64)
                *signals |= (uint64_t)1 << (found[at].si_signo - 1);
        if (count < 8)
            return 0;
        arguments.off += (uint64_t)count;
    }
}

int clinux_trace_pending(int pid, uint64_t *signals) {
    *signals = 0;
    int answer = add_pending(pid, 0, signals);
    return answer < 0 ? answer : add_pending(pid, PTRACE_PEEKSIGINFO_SHARED, signals);
}

int clinux_copy_descriptor(int process_descriptor, int number) {
    long result = syscall(SYS_pidfd_getfd, process_descriptor, number, 0);
    return result < 0 ? -errno : (int)result;
}

int clinux_socket_kind(int fd, struct clinux_socket_kind *out) {
    int domain = 0, type = 0, listens = 0;
    socklen_t size = sizeof domain;
    memset(out, 0, sizeof *out);
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
        return -errno;
    size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return -errno;
    size = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0)
        return -errno;
    out->is_unix_stream = domain == AF_UNIX && type == SOCK_STREAM;
    out->is_listening = listens != 0;
    if (!out->is_unix_stream)
        return 0;
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    memcpy(out->path, address.sun_path, sizeof address.sun_path);
    return 0;
}

ssize_t clinux_peek_stream(int fd, void *buffer, size_t capacity) {
    ssize_t count;
    do {
        count = recv(fd, buffer, capacity, MSG_DONTWAIT | MSG_PEEK);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int clinux_shut_down(int fd) { return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0; }
