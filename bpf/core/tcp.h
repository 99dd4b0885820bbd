/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP connections that begin and end, by the kernel's own account. */
#ifndef SOCKLENS_CORE_TCP_H
#define SOCKLENS_CORE_TCP_H

#include "flows.h"
#include "packets.h"
#include "counters.h"

static __always_inline void tuple_of_socket(struct bpf_sock_ops *context, struct tuple *tuple)
{
	tuple->protocol = IPPROTO_TCP;
	tuple->local_port = context->local_port;
	tuple->remote_port = ntohs((__u16)(context->remote_port >> 16));
	if (context->family == AF_INET) {
		__u32 local = context->local_ip4, remote = context->remote_ip4;

		tuple->kind = 4;
		map_ipv4(tuple->local_address, (__u8 *)&local);
		map_ipv4(tuple->remote_address, (__u8 *)&remote);
	} else {
		__u32 *local = (__u32 *)tuple->local_address, *remote = (__u32 *)tuple->remote_address;

		local[0] = context->local_ip6[0];
		local[1] = context->local_ip6[1];
		local[2] = context->local_ip6[2];
		local[3] = context->local_ip6[3];
		remote[0] = context->remote_ip6[0];
		remote[1] = context->remote_ip6[1];
		remote[2] = context->remote_ip6[2];
		remote[3] = context->remote_ip6[3];
		/* An IPv6 socket that talks IPv4: the packets say 4. */
		tuple->kind = local[0] == 0 && local[1] == 0 && local[2] == 0xffff0000 ? 4 : 6;
	}
}

/* The flow of a TCP socket outside packet context. */
static __always_inline struct flow *flow_of_socket(struct bpf_sock_ops *context, struct bpf_sock *sk,
						   struct control *control, struct place *place, int create)
{
	struct place *kept = bpf_sk_storage_get(&places, sk, 0, 0);
	struct owner *owner;
	struct tuple tuple = {};
	struct flow *flow;
	int made = 0;

	if (kept) {
		*place = *kept;
		return flow_at(place);
	}
	owner = bpf_sk_storage_get(&owners, sk, 0, 0);
	tuple_of_socket(context, &tuple);
	if (owner)
		tuple.scope = owner->scope;
	flow = find_flow(control, &tuple, place, create, &made);
	if (!flow)
		return 0;
	if (made) {
		if (owner)
			set_owner(flow, owner);
		flow->cookie = bpf_get_socket_cookie(context);
	}
	kept = bpf_sk_storage_get(&places, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (kept)
		*kept = *place;
	return flow;
}

static __noinline void tcp_closed(struct bpf_sock_ops *context, struct bpf_sock *sk, struct control *control,
				       __u32 old_state)
{
	struct tuple tuple = {};
	struct place place;
	struct flow *flow = flow_of_socket(context, sk, control, &place, 0);

	if (!flow)
		return;
	copy_tcp(flow, sk);
	flow->tcp_state = TCP_CLOSE;
	flow->flags |= FLOW_RELEASED;
	if (old_state == TCP_ESTABLISHED || old_state == TCP_CLOSE_WAIT || old_state == TCP_SYN_SENT ||
	    old_state == TCP_SYN_RECV)
		flow->flags |= FLOW_RESET;
	/* So that the kernel's answers in TIME_WAIT still find it: see count_kernel_answer. */
	tuple.protocol = flow->protocol;
	tuple.kind = flow->family;
	tuple.local_port = flow->local_port;
	tuple.remote_port = flow->remote_port;
	__builtin_memcpy(tuple.local_address, flow->local_address, 16);
	__builtin_memcpy(tuple.remote_address, flow->remote_address, 16);
	bpf_map_update_elem(&by_tuple, &tuple, &place, BPF_ANY);
	announce(control, flow, place.slot);
}

SEC("sockops")
int tcp_events(struct bpf_sock_ops *context)
{
	struct control *control = get_control();
	struct bpf_sock *sk = context->sk;
	__u32 op = context->op;
	struct place place;
	struct flow *flow;

	if (!control || !sk)
		return 1;
	if (op == BPF_SOCK_OPS_STATE_CB) {
		__u32 old_state = context->args[0], new_state = context->args[1];

		if (new_state == TCP_CLOSE)
			tcp_closed(context, sk, control, old_state);
		return 1;
	}
	if (op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
		bpf_sock_ops_cb_flags_set(context, BPF_SOCK_OPS_STATE_CB_FLAG);
	} else if (op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB ||
		   op == BPF_SOCK_OPS_TCP_LISTEN_CB) {
		bpf_sock_ops_cb_flags_set(context, BPF_SOCK_OPS_STATE_CB_FLAG);
		flow = flow_of_socket(context, sk, control, &place, 1);
		if (!flow)
			return 1;
		flow->cookie = bpf_get_socket_cookie(context);
		if (op == BPF_SOCK_OPS_TCP_LISTEN_CB) {
			flow->tcp_state = TCP_LISTEN;
			flow->remote_port = 0;
		} else {
			flow->tcp_state = TCP_ESTABLISHED;
			flow->opener = op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ? OPENER_LOCAL : OPENER_REMOTE;
			copy_tcp(flow, sk);
		}
		announce(control, flow, place.slot);
	}
	return 1;
}

#endif
