/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose a socket is: who made it, and who acts on it since; and when it is gone. */
#ifndef SOCKLENS_CORE_OWNERS_H
#define SOCKLENS_CORE_OWNERS_H

#include "flows.h"

static __always_inline void stamp(struct owner *owner, __u64 pid_tgid)
{
	__u64 uid_gid = bpf_get_current_uid_gid();

	owner->tgid = pid_tgid >> 32;
	owner->tid = pid_tgid;
	owner->uid = uid_gid;
	owner->gid = uid_gid >> 32;
	owner->stamped = bpf_ktime_get_ns();
	owner->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(owner->comm, sizeof(owner->comm));
}

SEC("cgroup/sock_create")
int socket_created(struct bpf_sock *sk)
{
	struct owner *owner = bpf_sk_storage_get(&owners, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (owner) {
		stamp(owner, bpf_get_current_pid_tgid());
		owner->scope = bpf_get_netns_cookie(sk);
	}
	return 1;
}

/* The process that connects or sends owns the socket from here on. */
static __always_inline void acts(struct bpf_sock_addr *context)
{
	struct bpf_sock *sk = context->sk;
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct owner *owner;

	if (!sk)
		return;
	owner = bpf_sk_storage_get(&owners, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner)
		return;
	if (owner->tgid != (__u32)(pid_tgid >> 32)) {
		/* What a socket that was there before us has received was counted under scope 0: it goes on there. */
		if (!owner->stamped && !bpf_sk_storage_get(&places, sk, 0, 0))
			owner->scope = bpf_get_netns_cookie(context);
		stamp(owner, pid_tgid);
		bpf_sk_storage_delete(&places, sk);
	}
}

static __always_inline int connects(struct bpf_sock_addr *context)
{
	acts(context);
	/* A datagram socket may connect again, elsewhere. */
	if (context->sk)
		bpf_sk_storage_delete(&places, context->sk);
	return 1;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *context)
{
	return connects(context);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *context)
{
	return connects(context);
}

SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *context)
{
	acts(context);
	return 1;
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *context)
{
	acts(context);
	return 1;
}

/*
 * A datagram or raw socket is gone at once; TCP goes on until its state says CLOSE. For a TCP socket that was there
 * before us nobody will say so: it counts as gone here, and its last segments still count.
 */
SEC("cgroup/sock_release")
int socket_released(struct bpf_sock *sk)
{
	struct control *control = get_control();
	struct place *kept, place = {};
	struct flow *flow;

	if (!control)
		return 1;
	kept = bpf_sk_storage_get(&places, sk, 0, 0);
	if (kept) {
		place = *kept;
		flow = flow_at(&place);
	} else {
		flow = old_flow(bpf_get_socket_cookie(sk), &place);
	}
	if (!flow || (sk->protocol == IPPROTO_TCP && !(flow->flags & FLOW_OLD)))
		return 1;
	flow->flags |= FLOW_RELEASED;
	if (sk->protocol == IPPROTO_TCP)
		flow->tcp_state = TCP_CLOSE;
	announce(control, flow, place.slot);
	return 1;
}

#endif
