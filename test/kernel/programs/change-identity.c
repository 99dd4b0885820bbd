/*
 * change-identity rename ADDRESS PORT BYTES NAME: connects, sends BYTES, waits for a line, takes the name NAME
 * (PR_SET_NAME), sends BYTES again.
 * change-identity exec ADDRESS PORT BYTES PROGRAM: the same, but becomes PROGRAM (a copy of this file) and sends the
 * second part on the kept socket. Prints "sent" after the first part and "done" after the second; ends with its input.
 */
#include "traffic.h"
#include <sys/prctl.h>

static int second(int fd, uint64_t bytes)
{
	send_count(fd, bytes);
	say("done");
	wait_for_go();
	finish(fd);
	return 0;
}

int main(int count, char **arguments)
{
	if (count == 4 && strcmp(arguments[1], "continue") == 0)
		return second(atoi(arguments[2]), strtoull(arguments[3], NULL, 10));
	if (count != 6)
		return 2;
	uint64_t bytes = strtoull(arguments[4], NULL, 10);
	int fd = connect_to(arguments[2], arguments[3], SOCK_STREAM);
	struct request request = { 2 * bytes, 0 };

	send_all(fd, &request, sizeof request);
	send_count(fd, bytes);
	say("sent");
	wait_for_go();
	if (strcmp(arguments[1], "rename") == 0) {
		prctl(PR_SET_NAME, arguments[5]);
		return second(fd, bytes);
	}
	char number[16];

	snprintf(number, sizeof number, "%d", fd);
	fcntl(fd, F_SETFD, 0);
	execl(arguments[5], arguments[5], "continue", number, arguments[4], NULL);
	die("exec");
}
