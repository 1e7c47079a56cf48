// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// What capturing needs: a packet socket with a ring, the exchange of two names, and a process that
// goes on in the background. Every function answers -errno when it fails.

#ifndef TABLECLOTH_CLINUX_CAPTURE_H
#define TABLECLOTH_CLINUX_CAPTURE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A ring that the kernel fills with packets: blocks of one size, one after the other.
struct clinux_ring {
    uint8_t *memory;
    size_t block_size;
    uint32_t block_count;
    /// The block that is looked at next.
    uint32_t block;
    /// The packets of that block that were taken, and where the next one is.
    uint32_t taken;
    uint32_t offset;
};

/// A packet that was taken out of a ring.
struct clinux_frame {
    /// Nanoseconds since 1970.
    uint64_t time;
    /// Where its bytes begin in the room that they were copied to, and how many there are.
    uint32_t start;
    uint32_t count;
    /// How many bytes it had before it was cut.
    uint32_t length;
    /// The interface, by number, and its kind (ARPHRD_*).
    uint32_t interface;
    uint16_t kind;
    /// Who it was for, as PACKET_HOST and the like.
    uint8_t direction;
};

/// What a packet socket has counted since it was last asked.
struct clinux_drops {
    uint32_t packets;
    uint32_t drops;
};

/// Makes a packet socket that hears nothing yet.
int clinux_packet_socket(void);

/// Has the kernel hand over only TCP packets from or to a port, over IPv4 and IPv6, with VLAN tags
/// or without, and not twice what a loopback interface carries. `snap_length` is the most of one;
/// `data_only` leaves out those that only acknowledge.
int clinux_packet_filter(int fd, uint16_t port, uint32_t snap_length, int data_only);

/// Maps a ring of blocks (TPACKET_V3) into memory; a block that is not full is handed over after so
/// many milliseconds.
int clinux_packet_ring(int fd, struct clinux_ring *ring, size_t block_size, uint32_t block_count,
                       uint32_t milliseconds);

/// Has a packet socket hear nothing more; what it has heard stays in its ring. 0, or the error
/// number below 0.
int clinux_packet_deafen(int fd);

/// Begins to hear an interface, or all of them (0).
int clinux_packet_bind(int fd, uint32_t interface);

/// Takes packets out of a ring until the room is full or none is left; VLAN tags that the kernel
/// took out are put back. Returns the number of packets; `used` receives the bytes that they take.
int clinux_ring_take(struct clinux_ring *ring, uint8_t *room, size_t capacity,
                     struct clinux_frame *frames, size_t frame_capacity, size_t *used);

/// Unmaps a ring.
void clinux_ring_unmap(struct clinux_ring *ring);

/// Reads, and sets back, what the socket has counted.
int clinux_packet_drops(int fd, struct clinux_drops *out);

/// Room for the name of an interface and its zero byte.
enum { CLINUX_INTERFACE_NAME_LIMIT = 16 };

/// The name of an interface.
int clinux_interface_name(uint32_t interface, char *name);

/// The number of an interface.
int clinux_interface_number(const char *name);

/// Gives two files each other's name, at one moment.
int clinux_exchange(const char *first, const char *second);

/// The owner and group of a file go to another, and its mode.
int clinux_copy_access(const char *from, const char *to);

/// Says that nothing more will be written to a stream.
int clinux_shut_writing(int fd);

/// Starts a program in a session of its own, with no signal blocked, its input from /dev/null and
/// its output and errors in a pipe, whose reading end `output` receives; it has no other descriptor
/// of this process. `arguments` are `count`
/// strings behind each other, each with its NUL. Returns the process.
int clinux_spawn_session(const char *path, const char *arguments, size_t count, int *output);

/// Sends a signal to the process that a descriptor stands for.
int clinux_signal_process(int descriptor, int number);

/// Makes /dev/null the standard output and standard errors.
int clinux_silence(void);

#endif
