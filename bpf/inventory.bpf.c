/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was there before start: every process, and every inet socket in a file table. Optional part, CO-RE. */
#include "process.h"

char terms[] SEC("license") = "Dual BSD/GPL";

struct process_record {
	struct process process;
	struct path_bytes path;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct process_record);
} scratch SEC(".maps");

struct socket_record {
	__u64 cookie;
	__u64 scope;
	__u32 tgid;
	__u32 uid;
	__u32 gid;
	__u16 type;
	__u8 protocol;
	__u8 state;
	__u16 local_port;
	__u16 remote_port;
	__u8 family; /* 4 or 6 */
	__u8 reserved[3];
	__u8 local_address[16];
	__u8 remote_address[16];
	char comm[16];
};

SEC("iter/task")
int every_process(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct process_record *record;
	__u32 zero = 0;

	if (!task || task->pid != task->tgid)
		return 0;
	record = bpf_map_lookup_elem(&scratch, &zero);
	if (!record)
		return 0;
	describe(&record->process, task, PROCESS_PRESENT);
	/* A kernel thread has no executable. */
	if (task->mm)
		record->process.path_length = write_path(&record->path, executable_of(task));
	bpf_seq_write(context->meta->seq, record, sizeof(*record));
	return 0;
}

static __always_inline void map_address(__u8 *to, __be32 address)
{
	*(__u64 *)to = 0;
	*(__u32 *)(to + 8) = 0xffff0000;
	*(__u32 *)(to + 12) = address;
}

SEC("iter/task_file")
int every_socket(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket_record record = {};
	struct socket *socket;
	struct sock *sk;
	__u16 family;

	if (!task || !file || task->pid != task->tgid)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	record.cookie = bpf_get_socket_cookie(sk);
	record.scope = sk->__sk_common.skc_net.net->net_cookie;
	record.tgid = task->tgid;
	record.uid = task->cred->uid.val;
	record.gid = task->cred->gid.val;
	record.type = sk->sk_type;
	record.protocol = sk->sk_protocol;
	record.state = sk->__sk_common.skc_state;
	record.local_port = sk->__sk_common.skc_num;
	record.remote_port = ntohs(sk->__sk_common.skc_dport);
	if (family == AF_INET) {
		record.family = 4;
		map_address(record.local_address, sk->__sk_common.skc_rcv_saddr);
		map_address(record.remote_address, sk->__sk_common.skc_daddr);
	} else {
		record.family = 6;
		bpf_probe_read_kernel(record.local_address, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_probe_read_kernel(record.remote_address, 16, &sk->__sk_common.skc_v6_daddr);
	}
	bpf_probe_read_kernel(record.comm, sizeof(record.comm), task->comm);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
