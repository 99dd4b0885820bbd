/*
 * many-flows udp|tcp ADDRESS PORT TOTAL ACTIVE INTERVAL-MS SIZE [SOURCE]
 * Opens TOTAL flows to ADDRESS, spread over ports from PORT on (64 of them; the peer is `many-flows sink`), each with
 * one datagram or a few bytes, says "ready", and then sends SIZE bytes on ACTIVE of them every INTERVAL-MS, always the
 * same ones, until standard input ends. One address has local ports for one UDP socket each: with SOURCE every 20,000
 * flows start from the next address, SOURCE being the first.
 * many-flows sink udp|tcp ADDRESS PORT: takes it all in, says "ready".
 */
#include "traffic.h"
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define PORTS 64
/* Sockets of one process; more flows are spread over children. Common hard limits are 20,000 and up. */
#define SHARE 15000

static char block[4096];

static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("setrlimit");
}

static const char *source;

static int open_flow(const char *address, const char *port, int type, int index)
{
	if (source == NULL)
		return connect_to(address, port, type);
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct addrinfo *to = numeric_address(address, port, type);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, source, &from.sin_addr) != 1)
		exit(2);
	from.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + (uint32_t)index / 20000);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
		die("bind");
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	freeaddrinfo(to);
	return fd;
}

static void sink(int type, const char *address, int port)
{
	int queue = epoll_create1(EPOLL_CLOEXEC), listeners[PORTS], lowest = 0;
	struct epoll_event events[512];

	for (int index = 0; index < PORTS; index++) {
		char number[16];
		struct epoll_event event = { .events = EPOLLIN };

		snprintf(number, sizeof number, "%d", port + index);
		int fd = listeners[index] = bind_to(address, number, type);

		fcntl(fd, F_SETFL, O_NONBLOCK);
		event.data.fd = fd;
		epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
		lowest = fd;
	}
	say("ready");
	for (;;) {
		int ready = epoll_wait(queue, events, 512, -1);

		for (int index = 0; index < ready; index++) {
			int fd = events[index].data.fd;

			if (type == SOCK_STREAM && fd <= lowest && fd >= listeners[0]) {
				int taken = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
				struct epoll_event event = { .events = EPOLLIN, .data.fd = taken };

				if (taken >= 0)
					epoll_ctl(queue, EPOLL_CTL_ADD, taken, &event);
				continue;
			}
			ssize_t got = recv(fd, block, sizeof block, 0);

			if (type == SOCK_STREAM && (got == 0 || (got < 0 && errno != EAGAIN)))
				close(fd);
		}
	}
}

static void sleep_until(struct timespec *next, int interval)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	struct timespec now;

	next->tv_nsec += (long)interval * 1000000;
	next->tv_sec += next->tv_nsec / 1000000000;
	next->tv_nsec %= 1000000000;
	clock_gettime(CLOCK_MONOTONIC, &now);
	long wait = (next->tv_sec - now.tv_sec) * 1000 + (next->tv_nsec - now.tv_nsec) / 1000000;

	/* Ends at once with its input. */
	if (poll(&input, 1, wait > 0 ? (int)wait : 0) == 1 && read(0, block, 1) <= 0)
		exit(0);
}

int main(int count, char **arguments)
{
	raise_limits();
	if (count == 5 && strcmp(arguments[1], "sink") == 0)
		sink(strcmp(arguments[2], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, arguments[3], atoi(arguments[4]));
	if (count != 8 && count != 9)
		return 2;
	source = arguments[8];
	int type = strcmp(arguments[1], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	int port = atoi(arguments[3]), total = atoi(arguments[4]), active = atoi(arguments[5]), first = 0, done[2];
	size_t size = (size_t)atoi(arguments[7]);
	int *flows = calloc(SHARE, sizeof *flows);
	char byte = 0;

	if (pipe(done) != 0)
		die("pipe");
	/* Each child takes a share; this process has the first one and says "ready" for all. */
	int children = 0;

	for (int start = SHARE; start < total && first == 0; start += SHARE) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			first = start;
		}
		children++;
	}
	int last = first + SHARE < total ? first + SHARE : total;

	for (int index = first; index < last; index++) {
		char number[16];

		snprintf(number, sizeof number, "%d", port + index % PORTS);
		flows[index - first] = open_flow(arguments[2], number, type, index);
		if (send(flows[index - first], block, 16, MSG_NOSIGNAL) < 0)
			die("send");
	}
	if (first != 0) {
		if (write(done[1], &byte, 1) != 1)
			die("pipe");
	} else {
		while (children-- > 0)
			if (read(done[0], &byte, 1) != 1)
				die("pipe");
		say("ready");
	}
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		for (int index = first; index < active && index < last; index++)
			if (send(flows[index - first], block, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
				die("send");
		sleep_until(&next, atoi(arguments[6]));
	}
}
