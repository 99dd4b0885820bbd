/*
 * workers ADDRESS PORT NUMBER: a master that listens and NUMBER forked workers that accept and each serve one
 * connection at a time. Every worker prints "PID received BYTES port PORT" after a request; the master prints "ready".
 */
#include "traffic.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static void work(int listener)
{
	for (;;) {
		struct sockaddr_storage peer;
		socklen_t length = sizeof peer;
		int fd = accept(listener, (struct sockaddr *)&peer, &length);

		if (fd < 0)
			die("accept");
		uint64_t got = serve_request(fd);

		printf("%d received %llu port %d\n", getpid(), (unsigned long long)got,
		       ntohs(((struct sockaddr_in *)&peer)->sin_port));
		fflush(stdout);
		finish(fd);
	}
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	int listener = bind_to(arguments[1], arguments[2], SOCK_STREAM);

	for (int index = 0; index < atoi(arguments[3]); index++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(listener);
		}
	say("ready");
	while (wait(NULL) > 0)
		;
	return 1;
}
