// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// Starting a program, with what posix_spawn has no words for: a signal when the parent ends, a
// folder, a mask and limits. Like posix_spawn, the child shares this process's memory until it is
// the other program, and this thread waits for that.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux_child.h"

/// What the child needs, and what it answers.
struct start {
    const char *path;
    char **arguments;
    char **environment;
    const struct clinux_surroundings *surroundings;
    const struct rlimit *limits;
    int output;
    pid_t parent;
    int code;
    int is_program;
};

/// Nothing of what the child does here may allocate or lock.
static int fail(struct start *start, int is_program) {
    start->code = errno;
    start->is_program = is_program;
    _exit(127);
}

/// Handlers are functions of this process, which the other program does not have.
static void forget_handlers(void) {
    struct sigaction found, usual;
    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < _NSIG; number++)
        if (sigaction(number, NULL, &found) == 0 && found.sa_handler != SIG_DFL &&
            found.sa_handler != SIG_IGN)
            (void)sigaction(number, &usual, NULL);
}

static int begin(void *context) {
    struct start *start = context;
    const struct clinux_surroundings *around = start->surroundings;
    sigset_t none;

    forget_handlers();
    if (around->death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, around->death_signal) < 0)
            return fail(start, 0);
        // The parent may have ended before the kernel was told.
        if (getppid() != start->parent)
            _exit(127);
    }
    if (around->input >= 0 && dup2(around->input, STDIN_FILENO) < 0)
        return fail(start, 0);
    if (setpgid(0, 0) < 0 || dup2(start->output, STDOUT_FILENO) < 0 ||
        dup2(start->output, STDERR_FILENO) < 0)
        return fail(start, 0);
    // A daemon without standard streams of its own: nothing was copied, and exec would close it.
    if (start->output <= STDERR_FILENO)
        (void)fcntl(start->output, F_SETFD, 0);
    if (around->directory != NULL && chdir(around->directory) < 0)
        return fail(start, 0);
    if (around->file_mode_mask >= 0)
        (void)umask((mode_t)around->file_mode_mask);
    // A limit above what this process may have stays as it is.
    for (int kind = 0; start->limits != NULL && kind < RLIM_NLIMITS; kind++)
        (void)setrlimit(kind, &start->limits[kind]);
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        return fail(start, 0);
    (void)execve(start->path, start->arguments, start->environment);
    return fail(start, 1);
}

/// The strings that stand behind each other, as a list; NULL when there is no memory.
static char **list_of(const char *strings, size_t count) {
    char **list = calloc(count + 1, sizeof *list);
    for (size_t at = 0; list != NULL && at < count; at++) {
        list[at] = (char *)strings;
        strings += strlen(strings) + 1;
    }
    return list;
}

/// Runs `begin` in a child that has no memory of its own until it has become the program.
static pid_t start_child(struct start *start) {
    // The child's functions need little; its stack lies in the frame of this one, which waits.
    _Alignas(16) char stack[16384];
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t pid = clone(begin, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, start);
    if (pid < 0)
        start->code = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/// What the other process may use; the rest of the kinds is this process's.
static int limits_of(pid_t pid, struct rlimit *limits) {
    for (int kind = 0; kind < RLIM_NLIMITS; kind++)
        if (prlimit(pid, kind, NULL, &limits[kind]) < 0)
            return -errno;
    return 0;
}

int clinux_spawn(const char *path, const char *arguments, size_t count,
                 const struct clinux_surroundings *surroundings, int *output, int *is_program) {
    struct rlimit limits[RLIM_NLIMITS];
    struct start start = {.path = path, .surroundings = surroundings, .parent = getpid()};
    int ends[2];
    int result = 0;
    pid_t pid = -1;

    *is_program = 0;
    if (surroundings->limits_of != 0 && limits_of(surroundings->limits_of, limits) == 0)
        start.limits = limits;
    start.arguments = list_of(arguments, count);
    start.environment = surroundings->environment == NULL
                            ? environ
                            : list_of(surroundings->environment, surroundings->environment_count);
    if (start.arguments == NULL || start.environment == NULL)
        result = ENOMEM;
    if (result == 0 && pipe2(ends, O_CLOEXEC) < 0)
        result = errno;
    if (result == 0) {
        // Only the reading end: the program waits for room, as it would anywhere.
        start.output = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
            result = errno;
        else if ((pid = start_child(&start)) < 0 || start.code != 0)
            result = start.code;
        if (pid > 0 && result != 0)
            (void)waitpid(pid, NULL, 0);
        close(ends[1]);
        if (result != 0)
            close(ends[0]);
    }
    if (start.environment != environ)
        free(start.environment);
    free(start.arguments);
    if (result != 0) {
        *is_program = start.is_program;
        return -result;
    }
    *output = ends[0];
    return pid;
}

int clinux_memory_file(const void *bytes, size_t count) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t written = 0;
    if (fd < 0)
        return -errno;
    while (written < count) {
        ssize_t part = write(fd, (const char *)bytes + written, count - written);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0) {
            int code = part < 0 ? errno : EIO;
            close(fd);
            return -code;
        }
        written += (size_t)part;
    }
    return lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd;
}
