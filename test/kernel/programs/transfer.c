/*
 * transfer METHOD ADDRESS PORT UP DOWN: moves bytes over one TCP connection by the system call that METHOD names:
 * sendfile, splice, io_uring, io_uring-worker (each request forced into a kernel worker thread).
 */
#include "traffic.h"
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

static char block[1 << 16];

static int filled_file(void)
{
	int file = memfd_create("socklens-transfer", 0);

	if (file < 0 || write(file, block, sizeof block) != (ssize_t)sizeof block)
		die("memfd");
	return file;
}

static void by_sendfile(int fd, uint64_t up, uint64_t down)
{
	int file = filled_file();

	while (up > 0) {
		off_t offset = 0;
		ssize_t sent = sendfile(fd, file, &offset, up < sizeof block ? (size_t)up : sizeof block);

		if (sent <= 0)
			die("sendfile");
		up -= (uint64_t)sent;
	}
	receive_count(fd, down);
}

static void splice_all(int from, int to, size_t length)
{
	while (length > 0) {
		ssize_t moved = splice(from, NULL, to, NULL, length, SPLICE_F_MOVE);

		if (moved <= 0)
			die("splice");
		length -= (size_t)moved;
	}
}

static void by_splice(int fd, uint64_t up, uint64_t down)
{
	int ends[2], nowhere = open("/dev/null", O_WRONLY), file = filled_file();

	if (pipe(ends) != 0)
		die("pipe");
	while (up > 0) {
		size_t part = up < sizeof block ? (size_t)up : sizeof block;
		loff_t offset = 0;
		ssize_t moved = splice(file, &offset, ends[1], NULL, part, 0);

		if (moved <= 0)
			die("splice");
		splice_all(ends[0], fd, (size_t)moved);
		up -= (uint64_t)moved;
	}
	while (down > 0) {
		ssize_t moved = splice(fd, NULL, ends[1], NULL, down < sizeof block ? (size_t)down : sizeof block, 0);

		if (moved <= 0)
			die("splice");
		splice_all(ends[0], nowhere, (size_t)moved);
		down -= (uint64_t)moved;
	}
}

static struct {
	int fd;
	unsigned *tail, *mask, *array, *done_head, *done_tail, *done_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *completions;
} ring;

static void open_ring(void)
{
	struct io_uring_params parameters = { 0 };

	ring.fd = (int)syscall(SYS_io_uring_setup, 4, &parameters);
	if (ring.fd < 0) {
		fprintf(stderr, "io_uring_setup: %s\n", strerror(errno));
		exit(77);
	}
	char *submit = mmap(NULL, parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
	char *done = mmap(NULL, parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_CQ_RING);

	ring.entries = mmap(NULL, parameters.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
	if (submit == MAP_FAILED || done == MAP_FAILED || ring.entries == MAP_FAILED)
		die("mmap");
	ring.tail = (unsigned *)(submit + parameters.sq_off.tail);
	ring.mask = (unsigned *)(submit + parameters.sq_off.ring_mask);
	ring.array = (unsigned *)(submit + parameters.sq_off.array);
	ring.done_head = (unsigned *)(done + parameters.cq_off.head);
	ring.done_tail = (unsigned *)(done + parameters.cq_off.tail);
	ring.done_mask = (unsigned *)(done + parameters.cq_off.ring_mask);
	ring.completions = (struct io_uring_cqe *)(done + parameters.cq_off.cqes);
}

/* One request, waited for; returns its result. */
static int submit(int operation, int fd, size_t length, unsigned char flags)
{
	unsigned tail = *ring.tail, index = tail & *ring.mask;

	ring.entries[index] = (struct io_uring_sqe){ .opcode = (unsigned char)operation,
						     .flags = flags,
						     .fd = fd,
						     .addr = (uint64_t)(uintptr_t)block,
						     .len = (unsigned)length,
						     .msg_flags = MSG_NOSIGNAL };
	ring.array[index] = index;
	__atomic_store_n(ring.tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("io_uring_enter");
	while (__atomic_load_n(ring.done_tail, __ATOMIC_ACQUIRE) == *ring.done_head)
		syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	int result = ring.completions[*ring.done_head & *ring.done_mask].res;

	__atomic_store_n(ring.done_head, *ring.done_head + 1, __ATOMIC_RELEASE);
	return result;
}

static void by_ring(int fd, uint64_t up, uint64_t down, unsigned char flags)
{
	while (up > 0) {
		int sent = submit(IORING_OP_SEND, fd, up < sizeof block ? (size_t)up : sizeof block, flags);

		if (sent <= 0)
			die("io_uring send");
		up -= (uint64_t)sent;
	}
	while (down > 0) {
		int got = submit(IORING_OP_RECV, fd, down < sizeof block ? (size_t)down : sizeof block, flags);

		if (got <= 0)
			die("io_uring receive");
		down -= (uint64_t)got;
	}
}

int main(int count, char **arguments)
{
	if (count != 6)
		return 2;
	const char *method = arguments[1];
	struct request request = { strtoull(arguments[4], NULL, 10), strtoull(arguments[5], NULL, 10) };

	if (strncmp(method, "io_uring", 8) == 0)
		open_ring();
	int fd = connect_to(arguments[2], arguments[3], SOCK_STREAM);

	send_all(fd, &request, sizeof request);
	if (strcmp(method, "sendfile") == 0)
		by_sendfile(fd, request.up, request.down);
	else if (strcmp(method, "splice") == 0)
		by_splice(fd, request.up, request.down);
	else if (strcmp(method, "io_uring") == 0)
		by_ring(fd, request.up, request.down, 0);
	else if (strcmp(method, "io_uring-worker") == 0)
		by_ring(fd, request.up, request.down, IOSQE_ASYNC);
	else
		return 2;
	finish(fd);
	return 0;
}
