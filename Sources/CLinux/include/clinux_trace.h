// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// Freezing another process, and taking copies of its descriptors. Every function answers -errno
// when it fails.

#ifndef TABLECLOTH_CLINUX_TRACE_H
#define TABLECLOTH_CLINUX_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Begins to trace a process without stopping it, and asks it to stop.
///
/// Only the thread that does this may do the rest. When that thread ends, however it ends, the
/// kernel lets the process go on.
int clinux_trace_begin(int pid);

/// What has become of a traced process: 0 nothing yet; 1 it has stopped because it was asked to;
/// 2 it has stopped because of the signal `code`, or is stopped by it; 3 it has ended.
int clinux_trace_look(int pid, int *code);

/// Lets a stopped process go on, with a signal or 0.
int clinux_trace_end(int pid, int signal_number);

/// Whether a stopped process was waiting for epoll events in vain when it was stopped: 1 or 0.
/// -ENOSYS on a kind of processor whose registers are not known here.
int clinux_trace_waits_for_events(int pid);

/// The signals that wait for a stopped process, one bit each: bit 0 is signal 1.
int clinux_trace_pending(int pid, uint64_t *signals);

/// A copy of a descriptor of another process; Linux 5.6 and later.
int clinux_copy_descriptor(int process_descriptor, int number);

/// What a socket is.
struct clinux_socket_kind {
    int is_unix_stream;
    int is_listening;
    /// The path that it, or the socket that accepted it, is bound to; empty for none.
    char path[109];
};

/// Finds out what a descriptor is; -ENOTSOCK for one that is no socket.
int clinux_socket_kind(int fd, struct clinux_socket_kind *out);

/// Reads from a stream without waiting, and leaves there what it reads.
ssize_t clinux_peek_stream(int fd, void *buffer, size_t capacity);

/// Ends both directions of a stream, for everybody who has it open.
int clinux_shut_down(int fd);

#endif
