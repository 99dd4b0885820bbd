/*
 * udp-flood receive ADDRESS PORT: counts datagrams; prints "received PACKETS BYTES" (payload) at each line of input.
 * udp-flood send ADDRESS PORT SIZE SECONDS: sends as fast as it can; prints "sent PACKETS BYTES NANOSECONDS".
 */
#include "traffic.h"
#include <pthread.h>

static char block[2048];
static uint64_t packets, bytes;

static void *answer(void *unused)
{
	for (;;) {
		wait_for_go();
		printf("received %llu %llu\n", (unsigned long long)__atomic_load_n(&packets, __ATOMIC_RELAXED),
		       (unsigned long long)__atomic_load_n(&bytes, __ATOMIC_RELAXED));
		if (fflush(stdout) != 0)
			exit(0);
	}
	return unused;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int main(int count, char **arguments)
{
	if (count == 4 && strcmp(arguments[1], "receive") == 0) {
		int fd = bind_to(arguments[2], arguments[3], SOCK_DGRAM), size = 32 << 20;
		pthread_t thread;

		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
		pthread_create(&thread, NULL, answer, NULL);
		say("ready");
		for (;;) {
			ssize_t got = recv(fd, block, sizeof block, 0);

			if (got >= 0) {
				__atomic_fetch_add(&packets, 1, __ATOMIC_RELAXED);
				__atomic_fetch_add(&bytes, (uint64_t)got, __ATOMIC_RELAXED);
			}
		}
	}
	if (count != 6)
		return 2;
	int fd = connect_to(arguments[2], arguments[3], SOCK_DGRAM);
	size_t size = (size_t)atol(arguments[4]);
	uint64_t start = now(), end = start + (uint64_t)(atof(arguments[5]) * 1e9), at = start;

	while (at < end) {
		for (int index = 0; index < 256; index++)
			if (send(fd, block, size, 0) == (ssize_t)size) {
				packets++;
				bytes += size;
			}
		at = now();
	}
	printf("sent %llu %llu %llu\n", (unsigned long long)packets, (unsigned long long)bytes,
	       (unsigned long long)(at - start));
	return 0;
}
