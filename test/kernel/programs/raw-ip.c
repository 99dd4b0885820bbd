/*
 * raw-ip receive ADDRESS PROTOCOL: holds a raw socket and reads until ended.
 * raw-ip send ADDRESS PROTOCOL PACKETS SIZE: sends packets with SIZE bytes of payload. Prints "sent N".
 */
#include "traffic.h"

static char block[2048];

int main(int count, char **arguments)
{
	if (count < 4)
		return 2;
	struct addrinfo *to = numeric_address(arguments[2], "0", SOCK_DGRAM);
	int fd = socket(to->ai_family, SOCK_RAW | SOCK_CLOEXEC, atoi(arguments[3])), size = 8 << 20;

	if (fd < 0)
		die("socket");
	if (strcmp(arguments[1], "receive") == 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
		if (bind(fd, to->ai_addr, to->ai_addrlen) != 0)
			die("bind");
		say("ready");
		while (recv(fd, block, sizeof block, 0) >= 0 || errno == EINTR)
			;
		return 1;
	}
	if (count != 6)
		return 2;
	long packets = atol(arguments[4]);
	size_t length = (size_t)atol(arguments[5]);

	for (long index = 0; index < packets; index++) {
		struct timespec pause = { 0, 200000 };

		if (sendto(fd, block, length, 0, to->ai_addr, to->ai_addrlen) < 0)
			die("sendto");
		if (index % 32 == 31)
			nanosleep(&pause, NULL);
	}
	printf("sent %ld\n", packets);
	return 0;
}
