/*
 * short-lived spawn COUNT ADDRESS PORT: starts COUNT processes, at most eight at once, and prints "PID TAG" for each.
 * short-lived talk TAG ADDRESS PORT: what they run: ten datagrams of 500 bytes, 5 ms of life, end.
 */
#include "traffic.h"
#include <sys/wait.h>

int main(int count, char **arguments)
{
	if (count != 5)
		return 2;
	if (strcmp(arguments[1], "talk") == 0) {
		char block[500] = { 0 };
		int fd = connect_to(arguments[3], arguments[4], SOCK_DGRAM);
		struct timespec life = { 0, 5000000 };

		for (int index = 0; index < 10; index++)
			if (send(fd, block, sizeof block, 0) < 0)
				die("send");
		nanosleep(&life, NULL);
		return 0;
	}
	const char *self = own_path();
	int number = atoi(arguments[2]), running = 0, failed = 0, status;

	for (int index = 0; index < number; index++) {
		char tag[32];

		if (running == 8) {
			wait(&status);
			failed |= status;
			running--;
		}
		snprintf(tag, sizeof tag, "tag-%d", index);
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child == 0) {
			execl(self, "short-lived", "talk", tag, arguments[3], arguments[4], NULL);
			_exit(127);
		}
		running++;
		printf("%d %s\n", child, tag);
	}
	while (wait(&status) > 0)
		failed |= status;
	say("done");
	return failed != 0;
}
