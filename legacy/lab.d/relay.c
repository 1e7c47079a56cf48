// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors
//
// Moves Ethernet frames between two interfaces and holds each for a fixed time, because the
// kernel may lack netem.
//
//   relay INTERFACE INTERFACE MILLISECONDS
//
// The order of frames is kept. Each direction holds at most QUEUE_FRAMES frames and QUEUE_BYTES
// bytes; what arrives at a full queue is dropped, as a switch would drop it. An interface that
// goes down loses frames and nothing else. Once both interfaces are open the relay goes to the
// background and prints its process id.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	QUEUE_FRAMES = 1 << 16,
	QUEUE_BYTES = 64 << 20,
	FRAME_BYTES_MAX = 1 << 16,
	// Frames taken from one side before the other side and the deadlines get their turn.
	BURST = 64,
	SOCKET_BUFFER_BYTES = 8 << 20,
};

struct frame {
	int64_t due;
	uint8_t *bytes;
	size_t length;
};

struct direction {
	int from;
	int to;
	struct frame *frames; // a ring of QUEUE_FRAMES
	size_t first;
	size_t count;
	size_t held_bytes;
};

static void fail(const char *what, const char *subject)
{
	fprintf(stderr, "relay: %s %s: %s\n", what, subject, strerror(errno));
	exit(1);
}

static int64_t now_nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_interface(const char *name)
{
	int one = 1;
	int size = SOCKET_BUFFER_BYTES;
	unsigned index = if_nametoindex(name);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)index,
	};
	struct packet_mreq membership = {
		.mr_ifindex = (int)index,
		.mr_type = PACKET_MR_PROMISC,
	};
	int fd;

	if (index == 0)
		fail("find", name);
	// Protocol 0 until bind(): nothing from other interfaces gets into the queue.
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("open a packet socket for", name);
	// What this socket sends must not come back to it.
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0)
		fail("ignore outgoing frames of", name);
	// Frames for the other side carry its address, not the address of this interface.
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) != 0)
		fail("take all frames of", name);
	// Without CAP_NET_ADMIN the default size has to do.
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("bind to", name);
	return fd;
}

static void take(struct direction *d, int64_t delay)
{
	static uint8_t buffer[FRAME_BYTES_MAX];

	for (int i = 0; i < BURST; i++) {
		ssize_t length = recv(d->from, buffer, sizeof(buffer), MSG_TRUNC);
		struct frame *frame;
		uint8_t *copy;

		// EAGAIN: nothing is left. ENETDOWN: the interface went down, reported once.
		if (length < 0)
			return;
		if (length == 0 || (size_t)length > sizeof(buffer))
			continue;
		if (d->count == QUEUE_FRAMES || d->held_bytes + (size_t)length > QUEUE_BYTES)
			continue;
		copy = malloc((size_t)length);
		if (copy == NULL)
			continue;
		memcpy(copy, buffer, (size_t)length);
		frame = &d->frames[(d->first + d->count) % QUEUE_FRAMES];
		frame->due = now_nanoseconds() + delay;
		frame->bytes = copy;
		frame->length = (size_t)length;
		d->count++;
		d->held_bytes += (size_t)length;
	}
}

static void pass_on_due(struct direction *d)
{
	int64_t now = now_nanoseconds();

	while (d->count > 0 && d->frames[d->first].due <= now) {
		struct frame *frame = &d->frames[d->first];

		// A frame that the interface does not take is lost, like on any wire.
		(void)!send(d->to, frame->bytes, frame->length, 0);
		free(frame->bytes);
		d->held_bytes -= frame->length;
		d->first = (d->first + 1) % QUEUE_FRAMES;
		d->count--;
	}
}

static int64_t earliest_due(const struct direction *d, int64_t other)
{
	if (d->count == 0)
		return other;
	return d->frames[d->first].due < other ? d->frames[d->first].due : other;
}

static void run(struct direction direction[2], int64_t delay)
{
	struct pollfd fds[2] = {
		{ .fd = direction[0].from, .events = POLLIN },
		{ .fd = direction[1].from, .events = POLLIN },
	};

	for (;;) {
		int64_t due = earliest_due(&direction[0], earliest_due(&direction[1], INT64_MAX));
		int64_t wait = due - now_nanoseconds();
		struct timespec timeout;

		if (wait < 0)
			wait = 0;
		timeout.tv_sec = wait / 1000000000;
		timeout.tv_nsec = wait % 1000000000;
		if (ppoll(fds, 2, due == INT64_MAX ? NULL : &timeout, NULL) < 0 && errno != EINTR)
			fail("wait for", "frames");
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents != 0)
				take(&direction[i], delay);
			pass_on_due(&direction[i]);
		}
	}
}

static void go_to_background(void)
{
	pid_t pid = fork();
	int null;

	if (pid < 0)
		fail("fork", "");
	if (pid > 0) {
		printf("%d\n", (int)pid);
		exit(0);
	}
	setsid();
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
}

int main(int argc, char **argv)
{
	struct direction direction[2] = { 0 };
	char *end;
	long milliseconds;

	if (argc != 4) {
		fprintf(stderr, "usage: relay INTERFACE INTERFACE MILLISECONDS\n");
		return 2;
	}
	milliseconds = strtol(argv[3], &end, 10);
	if (*end != '\0' || end == argv[3] || milliseconds < 0 || milliseconds > 60000) {
		fprintf(stderr, "relay: not a delay of 0 to 60000 milliseconds: %s\n", argv[3]);
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		direction[i].from = open_interface(argv[1 + i]);
		direction[i].frames = calloc(QUEUE_FRAMES, sizeof(struct frame));
		if (direction[i].frames == NULL)
			fail("allocate", "a queue");
	}
	direction[0].to = direction[1].from;
	direction[1].to = direction[0].from;
	go_to_background();
	run(direction, (int64_t)milliseconds * 1000000);
}
