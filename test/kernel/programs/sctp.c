/* sctp receive ADDRESS PORT | sctp send ADDRESS PORT BYTES: one association; ends with 77 where the kernel has no SCTP. */
#include "traffic.h"

int main(int count, char **arguments)
{
	static char block[1000];

	if (count < 4)
		return 2;
	struct addrinfo *to = numeric_address(arguments[2], arguments[3], SOCK_STREAM);
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd < 0 && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT))
		return 77;
	if (fd < 0)
		die("socket");
	if (strcmp(arguments[1], "receive") == 0) {
		if (bind(fd, to->ai_addr, to->ai_addrlen) != 0 || listen(fd, 8) != 0)
			die("listen");
		say("ready");
		for (;;) {
			int taken = accept(fd, NULL, NULL);

			while (recv(taken, block, sizeof block, 0) > 0)
				;
			close(taken);
		}
	}
	if (count != 5)
		return 2;
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	for (long left = atol(arguments[4]); left > 0; left -= (long)sizeof block)
		if (send(fd, block, sizeof block, 0) < 0)
			die("send");
	finish(fd);
	return 0;
}
