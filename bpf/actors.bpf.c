/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who really sends and receives on a socket: corrects the owner of sockets that were inherited, passed over a Unix
 * socket or accepted by a worker. Tells only when the acting process is another than before. Optional part
 * (tracepoints of Linux 6.3), CO-RE.
 */
#include "kernel-types.h"

char terms[] SEC("license") = "Dual BSD/GPL";

/* Several processes that take turns on one socket are told at most this often. */
#define PAUSE 250000000ULL

struct actor {
	__u32 tgid;
	__u32 told;
	__u64 time;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct actor);
} actors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} actions SEC(".maps");

struct action {
	__u64 cookie;
	__u64 time;
	__u64 cgroup;
	__u32 tgid;
	__u32 tid;
	__u32 uid;
	__u32 gid;
	char comm[16];
};

static __always_inline int acts(struct sock *sk, int result)
{
	__u64 pid_tgid, now;
	struct action *action;
	struct actor *actor;
	__u16 family;

	if (result <= 0)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	pid_tgid = bpf_get_current_pid_tgid();
	actor = bpf_sk_storage_get(&actors, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!actor || actor->tgid == (__u32)(pid_tgid >> 32))
		return 0;
	now = bpf_ktime_get_ns();
	if (actor->tgid && now - actor->time < PAUSE)
		return 0;
	action = bpf_ringbuf_reserve(&actions, sizeof(*action), 0);
	if (!action)
		return 0;
	actor->tgid = pid_tgid >> 32;
	actor->time = now;
	action->cookie = bpf_get_socket_cookie(sk);
	action->time = now;
	action->cgroup = bpf_get_current_cgroup_id();
	action->tgid = pid_tgid >> 32;
	action->tid = pid_tgid;
	pid_tgid = bpf_get_current_uid_gid();
	action->uid = pid_tgid;
	action->gid = pid_tgid >> 32;
	bpf_get_current_comm(action->comm, sizeof(action->comm));
	bpf_ringbuf_submit(action, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sock_send_length")
int sent(__u64 *context)
{
	return acts((void *)context[0], (int)context[1]);
}

SEC("tp_btf/sock_recv_length")
int received(__u64 *context)
{
	return acts((void *)context[0], (int)context[1]);
}
