/*
 * udp-client ADDRESS PORT DATAGRAMS SIZE [-e] [-m] [-u] [-g] [-h]
 * -e: ask for an echo of each datagram and wait for it; -m: by sendmmsg and recvmmsg; -u: socket not connected;
 * -g: 32 datagrams in one send, cut by the kernel (UDP_SEGMENT);
 * -h: when done say "done" and keep the socket until standard input ends. Prints "sent N received N" (datagrams).
 */
#include "traffic.h"
#include <linux/udp.h>

#define BATCH 32

static char block[65536];
static char answers[BATCH][2048];
static int fd, batched, unconnected, segmented;
static struct addrinfo *to;

static int send_some(int number, size_t size)
{
	struct iovec vector = { block, size };
	struct mmsghdr messages[BATCH];

	if (segmented) {
		if (send(fd, block, size * (size_t)number, 0) < 0)
			die("send of segments");
		return number;
	}
	if (!batched) {
		for (int index = 0; index < number; index++) {
			ssize_t sent = unconnected ? sendto(fd, block, size, 0, to->ai_addr, to->ai_addrlen) :
						     send(fd, block, size, 0);

			if (sent < 0)
				die("send");
		}
		return number;
	}
	for (int index = 0; index < number; index++)
		messages[index] = (struct mmsghdr){ .msg_hdr = { .msg_name = unconnected ? to->ai_addr : NULL,
								  .msg_namelen = unconnected ? to->ai_addrlen : 0,
								  .msg_iov = &vector,
								  .msg_iovlen = 1 } };
	int sent = sendmmsg(fd, messages, (unsigned)number, 0);

	if (sent < 0)
		die("sendmmsg");
	return sent;
}

static int receive_some(int number)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int got = 0;

	while (got < number && poll(&polled, 1, 1000) == 1) {
		if (!batched) {
			if (recv(fd, block + 1, sizeof block - 1, MSG_DONTWAIT) > 0)
				got++;
			continue;
		}
		struct mmsghdr messages[BATCH];
		struct iovec vectors[BATCH];

		for (int index = 0; index < BATCH; index++) {
			vectors[index] = (struct iovec){ answers[index], sizeof answers[index] };
			messages[index] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &vectors[index], .msg_iovlen = 1 } };
		}
		int some = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);

		if (some > 0)
			got += some;
	}
	return got;
}

int main(int count, char **arguments)
{
	int echo = 0, hold = 0, option;

	while ((option = getopt(count, arguments, "emugh")) != -1) {
		echo |= option == 'e';
		batched |= option == 'm';
		unconnected |= option == 'u';
		segmented |= option == 'g';
		hold |= option == 'h';
		if (option == '?')
			return 2;
	}
	if (count - optind != 4)
		return 2;
	long datagrams = atol(arguments[optind + 2]), sent = 0, received = 0;
	size_t size = (size_t)atol(arguments[optind + 3]);

	to = numeric_address(arguments[optind], arguments[optind + 1], SOCK_DGRAM);
	fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || size > 1500)
		die("socket");
	if (!unconnected && connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	if (segmented) {
		int segment = (int)size;

		if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0)
			die("UDP_SEGMENT");
	}
	while (sent < datagrams) {
		int some = datagrams - sent < BATCH ? (int)(datagrams - sent) : BATCH;
		struct timespec pause = { 0, 200000 };

		block[0] = echo ? 'E' : '.';
		some = send_some(some, size);
		sent += some;
		if (echo)
			received += receive_some(some);
		else
			nanosleep(&pause, NULL);
	}
	printf("sent %ld received %ld\n", sent, received);
	say("done");
	if (hold)
		wait_for_go();
	return 0;
}
