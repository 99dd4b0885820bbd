/*
 * activation ADDRESS PORT: binds and listens, then starts a service the way systemd does (LISTEN_FDS=1, socket as
 * descriptor 3) and stays. The service serves requests one after the other. Prints "parent PID", "service PID", "ready".
 */
#include "traffic.h"
#include <sys/prctl.h>
#include <sys/wait.h>

int main(int count, char **arguments)
{
	const char *given = getenv("LISTEN_FDS");

	if (count == 2 && given != NULL && strcmp(given, "1") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		say("ready");
		for (;;) {
			int fd = accept(3, NULL, NULL);

			if (fd < 0)
				die("accept");
			serve_request(fd);
			finish(fd);
		}
	}
	if (count != 3)
		return 2;
	int listener = bind_to(arguments[1], arguments[2], SOCK_STREAM);
	pid_t service = fork();

	if (service == 0) {
		char number[16];

		if (listener == 3)
			fcntl(3, F_SETFD, 0);
		else
			dup2(listener, 3);
		snprintf(number, sizeof number, "%d", getpid());
		setenv("LISTEN_FDS", "1", 1);
		setenv("LISTEN_PID", number, 1);
		execl(own_path(), "activated-service", "serve", NULL);
		_exit(127);
	}
	printf("parent %d\nservice %d\n", getpid(), service);
	fflush(stdout);
	wait(NULL);
	return 1;
}
