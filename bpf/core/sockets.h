/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets that have a local socket: counted where the socket is.
 *
 * The path of a packet whose socket is known: two storage and array look-ups, two atomic adds, one comparison.
 */
#ifndef SOCKLENS_CORE_SOCKETS_H
#define SOCKLENS_CORE_SOCKETS_H

#include "flows.h"
#include "packets.h"
#include "samples.h"
#include "counters.h"

/*
 * The kernel's own TCP socket answers for connections in TIME_WAIT and for ports where nobody listens. Such an answer
 * was caused by one arriving segment that met no hook. In TIME_WAIT it is the peer's FIN, with the same
 * headers: it is counted with its answer. Closing connections are found under scope 0, because such a socket has no
 * owner and so no namespace that a program of this kind could know on every kernel.
 */
static __noinline void count_kernel_answer(struct __sk_buff *skb, struct control *control)
{
	struct headers headers = {};
	struct tuple tuple = {};
	struct place place;
	struct flow *flow;
	__u64 before;
	int made = 0;

	if (parse_packet(skb, 1, &tuple, &headers))
		return;
	flow = find_flow(control, &tuple, &place, 0, &made);
	if (!flow) {
		__sync_fetch_and_add(&control->late_packets, 1);
		return;
	}
	add_transmit(flow, skb->len, 1, &before);
	/* ACK without RST: TIME_WAIT. */
	if ((headers.tcp_flags & 0x14) == 0x10)
		add_receive(flow, skb->len, 1, &before);
	announce(control, flow, place.slot);
}

static __noinline struct flow *flow_of_packet(struct __sk_buff *skb, struct bpf_sock *sk, struct control *control,
						  struct headers *headers, struct place *place)
{
	int transmit = headers->transmit;
	struct owner *owner = bpf_sk_storage_get(&owners, sk, 0, 0);
	struct tuple tuple = {};
	struct place *kept;
	struct flow *flow;
	int made = 0;

	if (parse_packet(skb, transmit, &tuple, headers))
		return 0;
	/* Every raw socket gets a copy of what arrives: its row is its own. The kernel's, one a processor, share theirs. */
	if (sk->type == SOCK_RAW)
		tuple.scope = (owner ? bpf_get_socket_cookie(skb) : 0) | 1ULL << 63;
	else if (owner)
		tuple.scope = owner->scope;
	flow = 0;
	if (!owner && sk->protocol == IPPROTO_TCP && sk->state != TCP_LISTEN)
		flow = old_flow(bpf_get_socket_cookie(skb), place);
	if (!flow)
		flow = find_flow(control, &tuple, place, 1, &made);
	if (!flow)
		return 0;
	if (!flow->interface)
		flow->interface = skb->ifindex;
	if (made) {
		if (owner)
			set_owner(flow, owner);
		else if (sk->type == SOCK_RAW)
			flow->flags |= FLOW_KERNEL;
		flow->cookie = bpf_get_socket_cookie(skb);
		if (sk->protocol == IPPROTO_TCP && !owner && sk->state == TCP_ESTABLISHED)
			flow->flags |= FLOW_OLD;
		if (sk->state == TCP_LISTEN && sk->protocol == IPPROTO_TCP) {
			flow->opener = OPENER_REMOTE;
			flow->tcp_state = TCP_SYN_RECV;
		} else if (sk->protocol == IPPROTO_UDP || sk->protocol == IPPROTO_UDPLITE || sk->type == SOCK_RAW) {
			flow->opener = transmit ? OPENER_LOCAL : OPENER_REMOTE;
		}
	} else if (owner && flow->stamped != owner->stamped) {
		set_owner(flow, owner);
	}
	/* A listener's own socket is no place for its clients' flows. */
	if (sk->state == TCP_LISTEN && sk->protocol == IPPROTO_TCP)
		return flow;
	if (!made && sk->protocol == IPPROTO_TCP && flow->tcp_state == TCP_SYN_RECV)
		flow->cookie = bpf_get_socket_cookie(skb);
	kept = bpf_sk_storage_get(&places, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (kept)
		*kept = *place;
	return flow;
}

/* True when the packet's far side is the flow's: an unconnected socket talks to many. */
static __always_inline int same_remote(struct __sk_buff *skb, const struct flow *flow, int transmit)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u8 *ip = data;
	__u16 *ports;

	if (data + 48 <= end && ip[0] >> 4 == 6) {
		__u32 *address = data + (transmit ? 24 : 8), *known = (__u32 *)flow->remote_address;
		__u32 *own = data + (transmit ? 8 : 24), *mine = (__u32 *)flow->local_address;

		if (ip[6] != flow->protocol || address[0] != known[0] || address[1] != known[1] ||
		    address[2] != known[2] || address[3] != known[3] || own[0] != mine[0] || own[1] != mine[1] ||
		    own[2] != mine[2] || own[3] != mine[3])
			return 0;
		ports = data + 40;
	} else if (data + 28 <= end && ip[0] == 0x45 && flow->family == 4) {
		__u32 address = *(__u32 *)(data + (transmit ? 16 : 12)), own = *(__u32 *)(data + (transmit ? 12 : 16));

		/* Later fragments have no ports. */
		if (address != *(__u32 *)(flow->remote_address + 12) || own != *(__u32 *)(flow->local_address + 12) ||
		    ip[9] != flow->protocol || *(__u16 *)(data + 6) & htons(0x1fff))
			return 0;
		ports = data + 20;
	} else {
		return 0;
	}
	if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6)
		return ports[2] == htons(flow->local_port);
	if (flow->protocol != IPPROTO_UDP && flow->protocol != IPPROTO_UDPLITE && flow->protocol != IPPROTO_SCTP)
		return flow->remote_port == 0 && flow->local_port == 0;
	return ports[transmit ? 1 : 0] == htons(flow->remote_port);
}

static __always_inline int count_packet(struct __sk_buff *skb, int transmit)
{
	struct bpf_sock *sk = skb->sk;
	struct control *control = get_control();
	struct headers headers = {};
	struct place *kept, place;
	struct flow *flow = 0;
	__u64 bytes, before;
	/* Context fields are read once: the compiler must have no reason to compute an address in the context. */
	__u32 length = skb->len, gso_size = skb->gso_size, gso_segs = skb->gso_segs, segments = 1;
	int parsed = 0;

	if (!sk || !control)
		return 1;
	headers.super = gso_size != 0;
	headers.transmit = transmit;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	kept = bpf_sk_storage_get(&places, sk, 0, 0);
	if (likely(kept != 0)) {
		place = *kept;
		flow = flow_at(&place);
		if (flow && !sk->dst_port && !same_remote(skb, flow, transmit))
			flow = 0;
	} else if (transmit && sk->type == SOCK_RAW && sk->protocol == IPPROTO_TCP &&
		   !bpf_sk_storage_get(&owners, sk, 0, 0)) {
		count_kernel_answer(skb, control);
		return 1;
	}
	if (unlikely(!flow)) {
		flow = flow_of_packet(skb, sk, control, &headers, &place);
		if (!flow) {
			table_full(control, 1, length);
			return 1;
		}
		parsed = 1;
	}
	bytes = length;
	if (gso_size) {
		if (!parsed) {
			struct tuple tuple;

			parse_packet(skb, transmit, &tuple, &headers);
			parsed = 1;
		}
		segments = count_segments(length, gso_size, gso_segs, headers.header_length);
		bytes += (__u64)(segments - 1) * headers.header_length;
	}
	if (transmit)
		add_transmit(flow, bytes, segments, &before);
	else
		add_receive(flow, bytes, segments, &before);
	if (unlikely(flow->epoch != *(volatile __u32 *)&control->epoch)) {
		if (sk->protocol == IPPROTO_TCP && sk->state != TCP_LISTEN) {
			copy_tcp(flow, sk);
			flow->tcp_state = sk->state;
		}
		announce(control, flow, place.slot);
	}
	if (unlikely(before < (transmit ? flow->tx_sample_until : flow->rx_sample_until))) {
		if (!parsed) {
			struct tuple tuple;

			parse_packet(skb, transmit, &tuple, &headers);
		}
		take_sample(skb, control, &place, &headers, transmit);
	}
	return 1;
}

SEC("cgroup_skb/egress")
int count_egress(struct __sk_buff *skb)
{
	return count_packet(skb, 1);
}

SEC("cgroup_skb/ingress")
int count_ingress(struct __sk_buff *skb)
{
	return count_packet(skb, 0);
}

#endif
