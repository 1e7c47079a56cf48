// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// Netlink, packet and raw sockets, capabilities and network namespaces. Every function answers
// -errno when it fails.

#ifndef TABLECLOTH_CLINUX_NETWORK_H
#define TABLECLOTH_CLINUX_NETWORK_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#ifndef SOL_PACKET
#define SOL_PACKET 263
#endif

/// Opens a netlink socket that does not wait; `groups` are those that it hears.
static inline int clinux_netlink_socket(int protocol, uint32_t groups) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -errno;
    // Refused by kernels before 4.12; the words on what is wrong are missing then.
    int one = 1;
    (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
    (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    struct sockaddr_nl address;
    memset(&address, 0, sizeof address);
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int problem = errno;
        close(fd);
        return -problem;
    }
    return fd;
}

/// One datagram of a netlink socket; the result is its whole length, even when that is more than
/// `capacity`, or -EPERM when it is not from the kernel.
static inline ssize_t clinux_netlink_receive(int fd, void *buffer, size_t capacity) {
    struct sockaddr_nl address;
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message;
    ssize_t count;
    memset(&message, 0, sizeof message);
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    do {
        count = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return -errno;
    if (message.msg_namelen != sizeof address || address.nl_pid != 0)
        return -EPERM;
    return count;
}

/// Waits until a descriptor is readable: 1, 0 at the end of the time, or -errno.
static inline int clinux_netlink_wait(int fd, int milliseconds) {
    struct pollfd waited = {.fd = fd, .events = POLLIN};
    int result = poll(&waited, 1, milliseconds);
    return result < 0 ? -errno : result;
}

/// Opens a packet socket that hears nothing yet.
static inline int clinux_link_socket(void) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

/// Lets only those packets through for which a filter gives a length, and none that came before.
static inline int clinux_link_filter(int fd, const void *instructions, size_t count) {
    struct sock_filter none = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &none};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        return -errno;
    char byte;
    while (recv(fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0) {
    }
    program.len = (unsigned short)count;
    program.filter = (struct sock_filter *)instructions;
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
        return -errno;
    return 0;
}

/// Makes a packet socket hear a protocol on an interface, or on all with index 0.
static inline int clinux_link_bind(int fd, uint16_t protocol, int index) {
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(protocol);
    address.sll_ifindex = index;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return 0;
}

/// What is known of a frame besides its bytes.
struct clinux_link_frame {
    int32_t index;
    int is_outgoing;
};

/// One frame; the result is its whole length, even when that is more than `capacity`.
static inline ssize_t clinux_link_receive(int fd, void *buffer, size_t capacity,
                                          struct clinux_link_frame *out) {
    struct sockaddr_ll address;
    socklen_t size = sizeof address;
    ssize_t count;
    memset(&address, 0, sizeof address);
    do {
        count = recvfrom(fd, buffer, capacity, MSG_DONTWAIT | MSG_TRUNC,
                         (struct sockaddr *)&address, &size);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return -errno;
    out->index = address.sll_ifindex;
    out->is_outgoing = address.sll_pkttype == PACKET_OUTGOING;
    return count;
}

/// Sends a frame, its Ethernet header and all, on an interface.
static inline ssize_t clinux_link_send(int fd, const void *frame, size_t count, int index) {
    struct sockaddr_ll address;
    ssize_t sent;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_ifindex = index;
    address.sll_halen = ETH_ALEN;
    if (count >= ETH_HLEN) {
        memcpy(address.sll_addr, frame, ETH_ALEN);
        memcpy(&address.sll_protocol, (const char *)frame + 2 * ETH_ALEN, 2);
    }
    do {
        sent = sendto(fd, frame, count, MSG_DONTWAIT, (const struct sockaddr *)&address,
                      sizeof address);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/// Fills a socket address with 4 or 16 bytes of an address and a port; the result is its size, or
/// -EINVAL.
static inline int clinux_internet_address(struct sockaddr_storage *out, const void *address,
                                          size_t size, uint16_t port) {
    memset(out, 0, sizeof *out);
    if (size == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)out;
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        memcpy(&four->sin_addr, address, 4);
        return sizeof *four;
    }
    if (size == 16) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, address, 16);
        return sizeof *six;
    }
    return -EINVAL;
}

/// Sends a packet, its network header and all, to the address of 4 or 16 bytes in that header.
static inline ssize_t clinux_raw_send(int fd, const void *packet, size_t count,
                                      const void *address, size_t size) {
    struct sockaddr_storage target;
    ssize_t sent;
    int length = clinux_internet_address(&target, address, size, 0);
    if (length < 0)
        return length;
    do {
        sent = sendto(fd, packet, count, MSG_DONTWAIT, (const struct sockaddr *)&target,
                      (socklen_t)length);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/// Begins to connect by TCP, without waiting for the other end.
static inline int clinux_tcp_connect(const void *address, size_t size, uint16_t port) {
    struct sockaddr_storage target;
    int length = clinux_internet_address(&target, address, size, port);
    if (length < 0)
        return length;
    int fd = socket(target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -errno;
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof one);
    if (connect(fd, (const struct sockaddr *)&target, (socklen_t)length) < 0 &&
        errno != EINPROGRESS) {
        int problem = errno;
        close(fd);
        return -problem;
    }
    return fd;
}

/// Listens for connections of TCP; `port` receives the port when it was 0.
static inline int clinux_tcp_listen(const void *address, size_t size, uint16_t *port) {
    struct sockaddr_storage own;
    int length = clinux_internet_address(&own, address, size, *port);
    if (length < 0)
        return length;
    int fd = socket(own.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -errno;
    int one = 1;
    socklen_t room = sizeof own;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)&own, (socklen_t)length) < 0 || listen(fd, 128) < 0 ||
        getsockname(fd, (struct sockaddr *)&own, &room) < 0) {
        int problem = errno;
        close(fd);
        return -problem;
    }
    // The port is at the same place in both families.
    *port = ntohs(((const struct sockaddr_in *)&own)->sin_port);
    return fd;
}

/// The effective capabilities of this process, one bit each.
static inline int clinux_capabilities(uint64_t *out) {
    // The structures of linux/capability.h, version 3.
    struct {
        uint32_t version;
        int32_t pid;
    } header = {.version = 0x20080522, .pid = 0};
    struct {
        uint32_t effective;
        uint32_t permitted;
        uint32_t inheritable;
    } data[2];
    memset(data, 0, sizeof data);
    if (syscall(SYS_capget, &header, data) < 0)
        return -errno;
    *out = (uint64_t)data[1].effective << 32 | data[0].effective;
    return 0;
}

/// Takes capabilities away from the calling thread, for tests.
static inline int clinux_drop_capabilities(uint64_t dropped) {
    struct {
        uint32_t version;
        int32_t pid;
    } header = {.version = 0x20080522, .pid = 0};
    struct {
        uint32_t effective;
        uint32_t permitted;
        uint32_t inheritable;
    } data[2];
    memset(data, 0, sizeof data);
    if (syscall(SYS_capget, &header, data) < 0)
        return -errno;
    data[0].effective &= ~(uint32_t)dropped;
    data[1].effective &= ~(uint32_t)(dropped >> 32);
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/// Gives the calling thread a network namespace of its own, for tests.
static inline int clinux_unshare_network(void) {
    return syscall(SYS_unshare, 0x40000000 /* CLONE_NEWNET */) < 0 ? -errno : 0;
}

/// The kernel's number of the calling thread.
static inline int32_t clinux_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

#endif
