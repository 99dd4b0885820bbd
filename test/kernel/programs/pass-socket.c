/*
 * pass-socket ADDRESS PORT FIRST SECOND: connects and sends FIRST bytes; after a line on standard input passes the
 * socket over a Unix socket to a process that was forked before it existed (an exec of itself), which sends SECOND
 * bytes on it and receives SECOND bytes. Prints "giver PID" and "taker PID", "sent", then "done".
 */
#include "traffic.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static void give(int channel, int fd)
{
	char byte = 0;
	struct iovec vector = { &byte, 1 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.room,
				  .msg_controllen = sizeof control.room };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	if (sendmsg(channel, &message, 0) != 1)
		die("sendmsg");
}

static int take(int channel)
{
	char byte;
	int fd;
	struct iovec vector = { &byte, 1 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.room,
				  .msg_controllen = sizeof control.room };

	if (recvmsg(channel, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL)
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

int main(int count, char **arguments)
{
	int channel[2];

	if (count == 4 && strcmp(arguments[1], "take") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int number = atoi(arguments[2]), fd = take(number);
		uint64_t bytes = strtoull(arguments[3], NULL, 10);

		send_count(fd, bytes);
		receive_count(fd, bytes);
		say("done");
		wait_for_go();
		finish(fd);
		return 0;
	}
	if (count != 5)
		return 2;
	uint64_t first = strtoull(arguments[3], NULL, 10), second = strtoull(arguments[4], NULL, 10);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) != 0)
		die("socketpair");
	pid_t taker = fork();

	if (taker == 0) {
		char number[16];

		snprintf(number, sizeof number, "%d", channel[1]);
		execl(own_path(), "pass-socket-taker", "take", number, arguments[4], NULL);
		_exit(127);
	}
	printf("giver %d\ntaker %d\n", getpid(), taker);
	int fd = connect_to(arguments[1], arguments[2], SOCK_STREAM);
	struct request request = { first + second, second };

	send_all(fd, &request, sizeof request);
	send_count(fd, first);
	say("sent");
	wait_for_go();
	give(channel[0], fd);
	close(fd);
	int status;

	waitpid(taker, &status, 0);
	return status != 0;
}
