/* What the traffic programs share. Each prints "ready" when a test may go on and dies with one line when it cannot. */
#ifndef SOCKLENS_TRAFFIC_H
#define SOCKLENS_TRAFFIC_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* First bytes a TCP client sends: how many bytes follow, and how many it wants back. */
struct request {
	uint64_t up;
	uint64_t down;
};

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void say(const char *line)
{
	puts(line);
	fflush(stdout);
}

/* Waits for one line (or the end) on standard input: the test says when. */
static inline void wait_for_go(void)
{
	char byte;

	while (read(0, &byte, 1) == 1)
		if (byte == '\n')
			return;
}

static inline struct addrinfo *numeric_address(const char *address, const char *port, int type)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = type };
	struct addrinfo *found;

	if (getaddrinfo(address, port, &hints, &found) != 0) {
		fprintf(stderr, "not an address: %s %s\n", address, port);
		exit(2);
	}
	return found;
}

static inline int connect_to(const char *address, const char *port, int type)
{
	struct addrinfo *to = numeric_address(address, port, type);
	int fd = socket(to->ai_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	freeaddrinfo(to);
	return fd;
}

static inline int bind_to(const char *address, const char *port, int type)
{
	struct addrinfo *at = numeric_address(address, port, type);
	int fd = socket(at->ai_family, type | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, at->ai_addr, at->ai_addrlen) != 0)
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 4096) != 0)
		die("listen");
	freeaddrinfo(at);
	return fd;
}

static inline void send_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno == EINTR)
				continue;
			die("send");
		}
		at += sent;
		length -= (size_t)sent;
	}
}

static inline void send_count(int fd, uint64_t count)
{
	static char block[65536];

	while (count > 0) {
		size_t part = count < sizeof block ? (size_t)count : sizeof block;

		send_all(fd, block, part);
		count -= part;
	}
}

static inline void receive_count(int fd, uint64_t count)
{
	static char block[65536];

	while (count > 0) {
		ssize_t got = recv(fd, block, count < sizeof block ? (size_t)count : sizeof block, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			die("receive");
		count -= (uint64_t)got;
	}
}

/* Answers one request on a connected stream, one direction after the other. Returns the bytes received after the header. */
static inline uint64_t serve_request(int fd)
{
	struct request request;

	if (recv(fd, &request, sizeof request, MSG_WAITALL) != (ssize_t)sizeof request)
		die("request");
	receive_count(fd, request.up);
	send_count(fd, request.down);
	return request.up;
}

static inline void ask(int fd, uint64_t up, uint64_t down)
{
	struct request request = { up, down };

	send_all(fd, &request, sizeof request);
	send_count(fd, up);
	receive_count(fd, down);
}

/* Path of the running program, for starting itself again: by /proc/self/exe its name would be "exe". */
static inline const char *own_path(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (length <= 0)
		die("readlink");
	path[length] = 0;
	return path;
}

/* Reads until the other side has closed, so that no reset cuts what is under way. */
static inline void finish(int fd)
{
	char block[4096];

	shutdown(fd, SHUT_WR);
	while (read(fd, block, sizeof block) > 0)
		;
	close(fd);
}
#endif
