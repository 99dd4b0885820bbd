/*
 * tcp-client ADDRESS PORT UP DOWN [-s SEQUENTIAL] [-p PARALLEL] [-d SECONDS] [-h]
 * Each connection sends UP bytes and receives DOWN bytes, both at once. -s: so many connections one after the other;
 * -p: so many at once; -d: spread UP over so many seconds in ten small sends a second; -h: when done say "done" and
 * keep the connections until standard input ends.
 */
#include "traffic.h"

struct stream {
	int fd;
	uint64_t up;
	uint64_t down;
};

static char block[1 << 17];

static void exchange(struct stream *streams, int number)
{
	struct pollfd polled[number];
	int open = number;

	while (open > 0) {
		open = 0;
		for (int index = 0; index < number; index++) {
			struct stream *stream = &streams[index];

			polled[index] = (struct pollfd){ .fd = stream->fd };
			if (stream->up > 0)
				polled[index].events |= POLLOUT;
			if (stream->down > 0)
				polled[index].events |= POLLIN;
			if (polled[index].events == 0)
				polled[index].fd = -1;
			else
				open++;
		}
		if (open == 0 || poll(polled, (nfds_t)number, -1) <= 0)
			continue;
		for (int index = 0; index < number; index++) {
			struct stream *stream = &streams[index];

			if (polled[index].revents & POLLOUT) {
				size_t part = stream->up < sizeof block ? (size_t)stream->up : sizeof block;
				ssize_t sent = send(stream->fd, block, part, MSG_NOSIGNAL | MSG_DONTWAIT);

				if (sent < 0 && errno != EAGAIN && errno != EINTR)
					die("send");
				if (sent > 0)
					stream->up -= (uint64_t)sent;
			}
			if (polled[index].revents & (POLLIN | POLLHUP | POLLERR)) {
				ssize_t got = recv(stream->fd, block, sizeof block, MSG_DONTWAIT);

				if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
					die("receive");
				if (got > 0)
					stream->down -= (uint64_t)got;
			}
		}
	}
}

static void drip(int fd, uint64_t up, int seconds)
{
	struct request request = { up, 0 };
	uint64_t part = up / (uint64_t)(seconds * 10);
	struct timespec pause = { 0, 100000000 };
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	send_all(fd, &request, sizeof request);
	for (int turn = 0; turn < seconds * 10; turn++) {
		send_count(fd, part);
		nanosleep(&pause, NULL);
	}
}

int main(int count, char **arguments)
{
	int sequential = 1, parallel = 1, seconds = 0, hold = 0, option;

	while ((option = getopt(count, arguments, "s:p:d:h")) != -1) {
		if (option == 's')
			sequential = atoi(optarg);
		else if (option == 'p')
			parallel = atoi(optarg);
		else if (option == 'd')
			seconds = atoi(optarg);
		else if (option == 'h')
			hold = 1;
		else
			return 2;
	}
	if (count - optind != 4)
		return 2;
	uint64_t up = strtoull(arguments[optind + 2], NULL, 10), down = strtoull(arguments[optind + 3], NULL, 10);
	struct stream streams[parallel];

	for (int turn = 0; turn < sequential; turn++) {
		for (int index = 0; index < parallel; index++) {
			struct request request = { up, down };

			streams[index] = (struct stream){ connect_to(arguments[optind], arguments[optind + 1], SOCK_STREAM),
							  up, down };
			if (seconds > 0) {
				drip(streams[index].fd, up, seconds);
				streams[index].up = 0;
			} else {
				send_all(streams[index].fd, &request, sizeof request);
			}
		}
		exchange(streams, parallel);
		if (hold) {
			say("done");
			wait_for_go();
		}
		for (int index = 0; index < parallel; index++)
			finish(streams[index].fd);
	}
	return 0;
}
