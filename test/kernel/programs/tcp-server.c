/* tcp-server ADDRESS PORT: answers requests (struct request) of any number of connections at once, in one process. */
#include "traffic.h"
#include <sys/epoll.h>

struct session {
	int fd;
	int header;
	struct request left;
};

static char block[1 << 17];
static int queue;

static void watch(struct session *session, int operation)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };

	/* Both directions at once: writable is interesting as soon as the header is complete. */
	if (session->header == sizeof session->left && session->left.down > 0)
		event.events |= EPOLLOUT;
	if (epoll_ctl(queue, operation, session->fd, &event) != 0)
		die("epoll_ctl");
}

/* Returns 0 when the session is over. */
static int step(struct session *session, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		ssize_t got;

		if (session->header < (int)sizeof session->left) {
			got = read(session->fd, (char *)&session->left + session->header,
				   sizeof session->left - (size_t)session->header);
			if (got <= 0)
				return got < 0 && (errno == EAGAIN || errno == EINTR);
			session->header += (int)got;
			watch(session, EPOLL_CTL_MOD);
			return 1;
		}
		got = read(session->fd, block, sizeof block);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR;
		if (got == 0)
			return 0;
	}
	if ((events & EPOLLOUT) && session->left.down > 0) {
		size_t part = session->left.down < sizeof block ? (size_t)session->left.down : sizeof block;
		ssize_t sent = send(session->fd, block, part, MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		session->left.down -= (uint64_t)sent;
		if (session->left.down == 0)
			watch(session, EPOLL_CTL_MOD);
	}
	return 1;
}

int main(int count, char **arguments)
{
	struct session listener = { 0 };
	struct epoll_event events[256];

	if (count != 3)
		return 2;
	queue = epoll_create1(EPOLL_CLOEXEC);
	listener.fd = bind_to(arguments[1], arguments[2], SOCK_STREAM);
	fcntl(listener.fd, F_SETFL, O_NONBLOCK);
	watch(&listener, EPOLL_CTL_ADD);
	say("ready");
	for (;;) {
		int ready = epoll_wait(queue, events, 256, -1);

		for (int index = 0; index < ready; index++) {
			struct session *session = events[index].data.ptr;

			if (session != &listener) {
				if (!step(session, events[index].events)) {
					close(session->fd);
					free(session);
				}
				continue;
			}
			int fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

			if (fd < 0)
				continue;
			session = calloc(1, sizeof *session);
			session->fd = fd;
			watch(session, EPOLL_CTL_ADD);
		}
	}
}
