// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clinux_capture.h"
#include "clinux_process.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

int clinux_packet_socket(void) {
    // Without a protocol it hears nothing until it is bound.
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

// Places in a packet are counted from its network header, so that the kind of the interface and
// tags in front of that header do not matter.
#define NET(offset) ((uint32_t)(SKF_NET_OFF + (offset)))
#define ABOUT(field) ((uint32_t)(SKF_AD_OFF + (field)))
#define LOAD(size, place) BPF_STMT(BPF_LD | (size) | BPF_ABS, (place))
#define LOAD_BEHIND(size, place) BPF_STMT(BPF_LD | (size) | BPF_IND, (place))
#define DO(operation, value) BPF_STMT(BPF_ALU | (operation) | BPF_K, (value))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define HAS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (yes), (no))

int clinux_packet_filter(int fd, uint16_t port, uint32_t snap_length, int data_only) {
    enum { V4_FOUND = 19, V6 = 32, V6_FOUND = 39, TAKE = 49, DROP = 50 };
    // Flags that say something without data: FIN, SYN, RST.
    enum { TELLING = 7 };
    struct sock_filter take = BPF_STMT(BPF_RET | BPF_K, snap_length);
    struct sock_filter program[] = {
        // A loopback interface shows a packet when it leaves and when it comes.
        /*  0 */ LOAD(BPF_W, ABOUT(SKF_AD_PKTTYPE)),
        /*  1 */ IS(PACKET_OUTGOING, 0, 2),
        /*  2 */ LOAD(BPF_W, ABOUT(SKF_AD_HATYPE)),
        /*  3 */ IS(ARPHRD_LOOPBACK, DROP - 4, 0),
        /*  4 */ LOAD(BPF_B, NET(0)),
        /*  5 */ DO(BPF_RSH, 4),
        /*  6 */ IS(4, 0, V6 - 7),
        // IPv4: TCP, the first fragment, the ports behind the options.
        /*  7 */ LOAD(BPF_B, NET(9)),
        /*  8 */ IS(IPPROTO_TCP, 0, DROP - 9),
        /*  9 */ LOAD(BPF_H, NET(6)),
        /* 10 */ HAS(0x1fff, DROP - 11, 0),
        /* 11 */ LOAD(BPF_B, NET(0)),
        /* 12 */ DO(BPF_AND, 15),
        /* 13 */ DO(BPF_LSH, 2),
        /* 14 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
        /* 15 */ LOAD_BEHIND(BPF_H, NET(0)),
        /* 16 */ IS(port, V4_FOUND - 17, 0),
        /* 17 */ LOAD_BEHIND(BPF_H, NET(2)),
        /* 18 */ IS(port, V4_FOUND - 19, DROP - 19),
        // Is there anything behind the header of TCP? A length of 0 is one that does not fit.
        /* 19 */ LOAD(BPF_H, NET(2)),
        /* 20 */ IS(0, TAKE - 21, 0),
        /* 21 */ BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
        /* 22 */ BPF_STMT(BPF_ST, 0),
        /* 23 */ LOAD_BEHIND(BPF_B, NET(12)),
        /* 24 */ DO(BPF_RSH, 2),
        /* 25 */ DO(BPF_AND, 0x3c),
        /* 26 */ BPF_STMT(BPF_STX, 1),
        /* 27 */ BPF_STMT(BPF_LDX | BPF_MEM, 0),
        /* 28 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, TAKE - 29),
        /* 29 */ BPF_STMT(BPF_LDX | BPF_MEM, 1),
        /* 30 */ LOAD_BEHIND(BPF_B, NET(13)),
        /* 31 */ HAS(TELLING, TAKE - 32, DROP - 32),
        // IPv6: TCP right behind the header.
        /* 32 */ IS(6, 0, DROP - 33),
        /* 33 */ LOAD(BPF_B, NET(6)),
        /* 34 */ IS(IPPROTO_TCP, 0, DROP - 35),
        /* 35 */ LOAD(BPF_H, NET(40)),
        /* 36 */ IS(port, V6_FOUND - 37, 0),
        /* 37 */ LOAD(BPF_H, NET(42)),
        /* 38 */ IS(port, V6_FOUND - 39, DROP - 39),
        /* 39 */ LOAD(BPF_H, NET(4)),
        /* 40 */ IS(0, TAKE - 41, 0),
        /* 41 */ BPF_STMT(BPF_ST, 0),
        /* 42 */ LOAD(BPF_B, NET(52)),
        /* 43 */ DO(BPF_RSH, 2),
        /* 44 */ DO(BPF_AND, 0x3c),
        /* 45 */ BPF_STMT(BPF_LDX | BPF_MEM, 0),
        /* 46 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, TAKE - 47),
        /* 47 */ LOAD(BPF_B, NET(53)),
        /* 48 */ HAS(TELLING, TAKE - 49, DROP - 49),
        /* 49 */ take,
        /* 50 */ BPF_STMT(BPF_RET | BPF_K, 0),
    };
    _Static_assert(sizeof program / sizeof *program == DROP + 1, "the places are counted wrong");
    if (!data_only) {
        program[V4_FOUND] = take;
        program[V6_FOUND] = take;
    }
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno : 0;
}

int clinux_packet_ring(int fd, struct clinux_ring *ring, size_t block_size, uint32_t block_count,
                       uint32_t milliseconds) {
    int version = TPACKET_V3;
    struct tpacket_req3 request;
    memset(ring, 0, sizeof *ring);
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0)
        return -errno;
    memset(&request, 0, sizeof request);
    request.tp_block_size = (unsigned)block_size;
    request.tp_block_nr = block_count;
    request.tp_frame_size = (unsigned)block_size;
    request.tp_frame_nr = block_count;
    request.tp_retire_blk_tov = milliseconds;
    if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) < 0)
        return -errno;
    void *memory = mmap(NULL, block_size * block_count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    ring->memory = memory;
    ring->block_size = block_size;
    ring->block_count = block_count;
    return 0;
}

void clinux_ring_unmap(struct clinux_ring *ring) {
    if (ring->memory != NULL)
        (void)munmap(ring->memory, ring->block_size * ring->block_count);
    ring->memory = NULL;
}

int clinux_packet_deafen(int fd) {
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog filter = {.len = 1, .filter = &nothing};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno : 0;
}

int clinux_packet_bind(int fd, uint32_t interface) {
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = (int)interface;
    return bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

/// Copies a packet, with its VLAN tag where it was; the number of bytes.
static size_t copy_packet(uint8_t *room, const struct tpacket3_hdr *packet) {
    enum { ADDRESSES = 12, TAG = 4 };
    const uint8_t *bytes = (const uint8_t *)packet + packet->tp_mac;
    size_t count = packet->tp_snaplen;
    if (!(packet->tp_status & TP_STATUS_VLAN_VALID) || count < ADDRESSES) {
        memcpy(room, bytes, count);
        return count;
    }
    uint16_t kind = packet->tp_status & TP_STATUS_VLAN_TPID_VALID ? packet->hv1.tp_vlan_tpid
                                                                 : ETH_P_8021Q;
    uint16_t tag[2] = {htons(kind), htons((uint16_t)packet->hv1.tp_vlan_tci)};
    memcpy(room, bytes, ADDRESSES);
    memcpy(room + ADDRESSES, tag, TAG);
    memcpy(room + ADDRESSES + TAG, bytes + ADDRESSES, count - ADDRESSES);
    return count + TAG;
}

int clinux_ring_take(struct clinux_ring *ring, uint8_t *room, size_t capacity,
                     struct clinux_frame *frames, size_t frame_capacity, size_t *used) {
    size_t count = 0;
    *used = 0;
    while (count < frame_capacity) {
        uint8_t *start = ring->memory + ring->block_size * ring->block;
        struct tpacket_block_desc *block = (struct tpacket_block_desc *)start;
        // What the kernel wrote before the status must not be read before it.
        if (!(__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
            break;
        if (ring->taken == 0)
            ring->offset = block->hdr.bh1.offset_to_first_pkt;
        while (ring->taken < block->hdr.bh1.num_pkts && count < frame_capacity) {
            const struct tpacket3_hdr *packet = (const void *)(start + ring->offset);
            if (capacity - *used < packet->tp_snaplen + 4u)
                return (int)count;
            const struct sockaddr_ll *from =
                (const void *)((const uint8_t *)packet + TPACKET_ALIGN(sizeof *packet));
            size_t tag = packet->tp_status & TP_STATUS_VLAN_VALID ? 4 : 0;
            frames[count].time = (uint64_t)packet->tp_sec * 1000000000u + packet->tp_nsec;
            frames[count].start = (uint32_t)*used;
            frames[count].count = (uint32_t)copy_packet(room + *used, packet);
            frames[count].length = packet->tp_len + (uint32_t)tag;
            frames[count].interface = (uint32_t)from->sll_ifindex;
            frames[count].kind = from->sll_hatype;
            frames[count].direction = from->sll_pkttype;
            *used += frames[count].count;
            count += 1;
            ring->taken += 1;
            ring->offset += packet->tp_next_offset;
        }
        if (ring->taken < block->hdr.bh1.num_pkts)
            break;
        ring->taken = 0;
        __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        ring->block = (ring->block + 1) % ring->block_count;
    }
    return (int)count;
}

int clinux_packet_drops(int fd, struct clinux_drops *out) {
    struct tpacket_stats_v3 counted;
    socklen_t size = sizeof counted;
    memset(&counted, 0, sizeof counted);
    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counted, &size) < 0)
        return -errno;
    out->packets = counted.tp_packets;
    out->drops = counted.tp_drops;
    return 0;
}

int clinux_interface_name(uint32_t interface, char *name) {
    return if_indextoname(interface, name) == NULL ? -errno : 0;
}

int clinux_interface_number(const char *name) {
    unsigned number = if_nametoindex(name);
    return number == 0 ? -errno : (int)number;
}

int clinux_exchange(const char *first, const char *second) {
    long result =
        syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, (unsigned)RENAME_EXCHANGE);
    return result < 0 ? -errno : 0;
}

int clinux_copy_access(const char *from, const char *to) {
    struct stat found;
    if (lstat(from, &found) < 0)
        return -errno;
    if (lchown(to, found.st_uid, found.st_gid) < 0)
        return -errno;
    return chmod(to, found.st_mode & 07777) < 0 ? -errno : 0;
}

int clinux_shut_writing(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }

int clinux_spawn_session(const char *path, const char *arguments, size_t count, int *output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int ends[2];
    pid_t pid;

    char **list = calloc(count + 1, sizeof *list);
    if (list == NULL)
        return -ENOMEM;
    for (size_t at = 0; at < count; at++) {
        list[at] = (char *)arguments;
        arguments += strlen(arguments) + 1;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) {
        int code = errno;
        free(list);
        return -code;
    }
    int result = posix_spawn_file_actions_init(&actions);
    if (result == 0) {
        result = posix_spawnattr_init(&attributes);
        if (result == 0) {
            sigemptyset(&none);
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
            // Whoever waits until nobody has a descriptor any more must not wait for this one.
            posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
            posix_spawnattr_setsigmask(&attributes, &none);
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
            result = posix_spawn(&pid, path, &actions, &attributes, list, environ);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    free(list);
    close(ends[1]);
    if (result != 0) {
        close(ends[0]);
        return -result;
    }
    *output = ends[0];
    return pid;
}

int clinux_signal_process(int descriptor, int number) {
    return syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0) < 0 ? -errno : 0;
}

int clinux_silence(void) {
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int result = dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ? -errno : 0;
    close(fd);
    return result;
}
