// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// A thread for calls that block. Every function answers -errno when it fails.

#ifndef TABLECLOTH_CLINUX_THREAD_H
#define TABLECLOTH_CLINUX_THREAD_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

/// The stack of such a thread; what is not used of it is not there.
#define CLINUX_THREAD_STACK (1 << 20)

/// Starts a thread that nobody waits for; no signal is delivered to it.
static inline int clinux_start_thread(void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, old;
    int result = pthread_attr_init(&attributes);

    if (result != 0)
        return -result;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, CLINUX_THREAD_STACK);
    // A thread begins with the signals blocked that its maker has blocked.
    sigfillset(&all);
    result = pthread_sigmask(SIG_SETMASK, &all, &old);
    if (result == 0) {
        result = pthread_create(&thread, &attributes, body, context);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    pthread_attr_destroy(&attributes);
    return -result;
}

/// Waits until a descriptor can be read.
static inline int clinux_wait_readable(int fd) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int answer;

    do
        answer = poll(&wanted, 1, -1);
    while (answer < 0 && errno == EINTR);
    return answer < 0 ? -errno : 0;
}

#endif
