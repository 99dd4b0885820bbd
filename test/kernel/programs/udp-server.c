/* udp-server ADDRESS PORT [-m]: receives datagrams; echoes those that begin with 'E'. -m: by recvmmsg and sendmmsg. */
#include "traffic.h"

#define BATCH 32

static char blocks[BATCH][2048];
static struct sockaddr_storage names[BATCH];

static void serve_batches(int fd)
{
	struct mmsghdr messages[BATCH], answers[BATCH];
	struct iovec vectors[BATCH];

	for (;;) {
		for (int index = 0; index < BATCH; index++) {
			vectors[index] = (struct iovec){ blocks[index], sizeof blocks[index] };
			messages[index] = (struct mmsghdr){ .msg_hdr = { .msg_name = &names[index],
									  .msg_namelen = sizeof names[index],
									  .msg_iov = &vectors[index],
									  .msg_iovlen = 1 } };
		}
		int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL), wanted = 0;

		for (int index = 0; index < got; index++) {
			if (blocks[index][0] != 'E')
				continue;
			vectors[index].iov_len = messages[index].msg_len;
			answers[wanted++] = messages[index];
		}
		for (int sent = 0; sent < wanted;) {
			int part = sendmmsg(fd, answers + sent, (unsigned)(wanted - sent), 0);

			if (part < 0)
				break;
			sent += part;
		}
	}
}

int main(int count, char **arguments)
{
	if (count != 3 && count != 4)
		return 2;
	int fd = bind_to(arguments[1], arguments[2], SOCK_DGRAM), size = 8 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	say("ready");
	if (count == 4)
		serve_batches(fd);
	for (;;) {
		socklen_t length = sizeof names[0];
		ssize_t got = recvfrom(fd, blocks[0], sizeof blocks[0], 0, (struct sockaddr *)&names[0], &length);

		if (got > 0 && blocks[0][0] == 'E')
			sendto(fd, blocks[0], (size_t)got, 0, (struct sockaddr *)&names[0], length);
	}
}
