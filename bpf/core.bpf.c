/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The socket plane's core: counts every packet of every inet socket where the socket is, and the packet filter of the
 * wire plane, which counts what has no local socket. UAPI contexts only, no CO-RE.
 *
 * The path of a packet whose socket is known: two storage and array look-ups, two atomic adds, one comparison.
 */
#include "flow-table.h"

char terms[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOW_SLOTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct control);
} controls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct ring);
} dirty SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct ring);
} vacant SEC(".maps");

/* Least recently used entries go first; a lost entry costs a second row, never a count. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FLOW_SLOTS * 2);
	__type(key, struct tuple);
	__type(value, struct place);
} by_tuple SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owner);
} owners SEC(".maps");

/* Not cloned: an accepted socket is another flow than its listener. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct place);
} places SEC(".maps");

/* TCP sockets that were there before us, by cookie; user space fills it once. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FLOW_SLOTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct place);
} old_sockets SEC(".maps");

/* This machine's unicast addresses; user space keeps it. Only looked at when `forwarding` is set. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, 16);
	__uint(value_size, 4);
} local_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} samples SEC(".maps");

static __always_inline struct control *get_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&controls, &zero);
}

/* Announces that a flow changed. Call after the counts went in: see flow-table.h. */
static __always_inline void announce(struct control *control, struct flow *flow, __u32 slot)
{
	__u32 epoch = *(volatile __u32 *)&control->epoch;
	struct ring *ring;
	__u32 zero = 0, at;

	if (likely(flow->epoch == epoch))
		return;
	flow->epoch = epoch;
	ring = bpf_map_lookup_elem(&dirty, &zero);
	if (!ring)
		return;
	at = __sync_fetch_and_add(&control->dirty_head, 1);
	ring->entry[at & (RING_ENTRIES - 1)] = slot | epoch << 17;
}

/* A slot nobody uses, or FLOW_SLOTS when there is none. */
static __always_inline __u32 take_slot(struct control *control)
{
	__u32 zero = 0;
	struct ring *ring = bpf_map_lookup_elem(&vacant, &zero);
	__u32 limit = control->limit < FLOW_SLOTS ? control->limit : FLOW_SLOTS;

	if (!ring)
		return FLOW_SLOTS;
#pragma unroll
	for (int attempt = 0; attempt < 4; attempt++) {
		__u32 head = *(volatile __u32 *)&control->free_head;
		__u32 tail = *(volatile __u32 *)&control->free_tail;
		__u32 slot;

		if (head == tail)
			break;
		slot = *(volatile __u32 *)&ring->entry[head & (RING_ENTRIES - 1)];
		if (__sync_val_compare_and_swap(&control->free_head, head, head + 1) == head)
			return slot < FLOW_SLOTS ? slot : FLOW_SLOTS;
	}
	if (*(volatile __u32 *)&control->slots_used < limit) {
		__u32 slot = __sync_fetch_and_add(&control->slots_used, 1);

		return slot < limit ? slot : FLOW_SLOTS;
	}
	return FLOW_SLOTS;
}

static __always_inline struct flow *flow_at(const struct place *place)
{
	__u32 slot = place->slot;
	struct flow *flow = bpf_map_lookup_elem(&flows, &slot);

	return flow && flow->generation == place->generation ? flow : 0;
}

static __always_inline void set_owner(struct flow *flow, const struct owner *owner)
{
	flow->tgid = owner->tgid;
	flow->tid = owner->tid;
	flow->uid = owner->uid;
	flow->gid = owner->gid;
	flow->stamped = owner->stamped;
	flow->cgroup = owner->cgroup;
	__builtin_memcpy(flow->comm, owner->comm, sizeof(flow->comm));
}

/*
 * The flow of a tuple, made when it is new. `place` is where it is. 0 when the table is full, or when it is
 * not there and `create` is not set.
 */
static __noinline struct flow *find_flow(struct control *control, struct tuple *tuple, struct place *place,
					      int create, int *made)
{
	struct place *known = bpf_map_lookup_elem(&by_tuple, tuple);
	struct flow *flow;

	if (known) {
		*place = *known;
		flow = flow_at(place);
		/* A new socket may have the tuple of one that is gone. */
		if (flow && !(create && flow->flags & FLOW_RELEASED))
			return flow;
	}
	if (!create)
		return 0;
	place->slot = take_slot(control);
	flow = bpf_map_lookup_elem(&flows, &place->slot);
	if (!flow)
		return 0;
	place->generation = flow->generation;
	__builtin_memset((char *)flow + 4, 0, sizeof(*flow) - 4);
	flow->protocol = tuple->protocol;
	flow->family = tuple->kind & 0xf;
	flow->ether_type = tuple->ether_type;
	flow->local_port = tuple->local_port;
	flow->remote_port = tuple->remote_port;
	__builtin_memcpy(flow->local_address, tuple->local_address, 16);
	__builtin_memcpy(flow->remote_address, tuple->remote_address, 16);
	flow->scope = tuple->scope;
	flow->start = bpf_ktime_get_ns();
	flow->epoch = control->epoch - 1;
	flow->tx_sample_until = control->sample_packets;
	flow->rx_sample_until = control->sample_packets;
	if (known) {
		bpf_map_update_elem(&by_tuple, tuple, place, BPF_ANY);
	} else if (bpf_map_update_elem(&by_tuple, tuple, place, BPF_NOEXIST)) {
		/* Another processor was faster: its flow counts, ours is given back by user space. */
		known = bpf_map_lookup_elem(&by_tuple, tuple);
		if (known) {
			struct place first = *known;
			struct flow *winner = flow_at(&first);

			if (winner) {
				flow->flags = FLOW_RELEASED;
				announce(control, flow, place->slot);
				*place = first;
				return winner;
			}
		}
	}
	*made = 1;
	return flow;
}

static __always_inline void table_full(struct control *control, __u64 packets, __u64 bytes)
{
	__sync_fetch_and_add(&control->table_full_packets, packets);
	__sync_fetch_and_add(&control->table_full_bytes, bytes);
}

/* What the headers of a packet say. Offsets from the start of the IP header. */
struct headers {
	__u32 payload_offset;
	__u32 header_length; /* IP and transport: repeated in every segment of a super-packet */
	__u32 sequence;
	__u32 payload_length;
	__u32 ip_length; /* by the IP header */
	__u8 tcp_flags;
	__u8 fragment; /* a later fragment: no transport header */
	__u8 super; /* in: a GSO or GRO super-packet */
	__u8 transmit; /* in: this machine sends it */
};

static __always_inline void map_ipv4(__u8 *to, const __u8 *from)
{
	*(__u64 *)to = 0;
	*(__u32 *)(to + 8) = 0xffff0000;
	__builtin_memcpy(to + 12, from, 4);
}

/* Reads headers relative to the IP header, whatever the program type's own start is. Linear part only. */
static __always_inline long load(struct __sk_buff *skb, __u32 offset, void *to, __u32 length)
{
	return bpf_skb_load_bytes_relative(skb, offset, to, length, BPF_HDR_START_NET);
}

/* Transport header at `offset`. Ports stay 0 when there are none. `source` and `destination` in host byte order. */
static __always_inline void parse_transport(struct __sk_buff *skb, __u32 offset, __u32 end, __u8 protocol,
					    struct headers *headers, __u16 *source, __u16 *destination)
{
	__u8 bytes[16] = {};
	__u32 length = 0;

	headers->payload_offset = offset;
	if (headers->fragment)
		return;
	if (protocol == IPPROTO_TCP) {
		if (load(skb, offset, bytes, 16))
			return;
		length = (bytes[12] >> 4) * 4;
		headers->tcp_flags = bytes[13];
		headers->sequence = ntohl(*(__u32 *)(bytes + 4));
	} else if (protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE || protocol == IPPROTO_SCTP) {
		if (load(skb, offset, bytes, 8))
			return;
		length = protocol == IPPROTO_SCTP ? 12 : 8;
	} else if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) {
		if (load(skb, offset, bytes, 8))
			return;
		/* Echo and its reply: the identifier tells one ping from another. */
		if (protocol == IPPROTO_ICMP ? (bytes[0] == 8 || bytes[0] == 0) : (bytes[0] == 128 || bytes[0] == 129)) {
			*source = *destination = ntohs(*(__u16 *)(bytes + 4));
		}
		headers->header_length = offset + 8;
		return;
	} else {
		return;
	}
	*source = ntohs(*(__u16 *)bytes);
	*destination = ntohs(*(__u16 *)(bytes + 2));
	headers->header_length = offset + length;
	headers->payload_offset = offset + length;
	if (end > headers->payload_offset)
		headers->payload_length = end - headers->payload_offset;
}

/*
 * The tuple of an IP packet. `outgoing`: its source is the local side. Returns 0, or -1 when it is no whole IP header.
 * Extension headers are followed for as long as a bounded loop allows.
 */
static __noinline int parse_packet(struct __sk_buff *skb, int outgoing, struct tuple *tuple,
					struct headers *headers)
{
	__u8 ip[40] = {};
	__u16 source = 0, destination = 0;
	__u8 *local = outgoing ? tuple->local_address : tuple->remote_address;
	__u8 *remote = outgoing ? tuple->remote_address : tuple->local_address;
	__u32 offset, end;

	if (load(skb, 0, ip, 20))
		return -1;
	if (ip[0] >> 4 == 4) {
		tuple->kind = 4;
		tuple->protocol = ip[9];
		map_ipv4(local, ip + 12);
		map_ipv4(remote, ip + 16);
		offset = (ip[0] & 0xf) * 4;
		end = ntohs(*(__u16 *)(ip + 2));
		if (ntohs(*(__u16 *)(ip + 6)) & 0x1fff)
			headers->fragment = 1;
	} else if (ip[0] >> 4 == 6) {
		__u8 next;

		if (load(skb, 20, ip + 20, 20))
			return -1;
		tuple->kind = 6;
		next = ip[6];
		__builtin_memcpy(local, ip + 8, 16);
		__builtin_memcpy(remote, ip + 24, 16);
		offset = 40;
		end = 40 + ntohs(*(__u16 *)(ip + 4));
#pragma unroll
		for (int i = 0; i < 4; i++) {
			__u8 extension[4];

			/* RFC 8200 section 4: hop-by-hop, routing, destination options, fragment. */
			if (next != 0 && next != 43 && next != 60 && next != IPPROTO_IPV6_FRAGMENT)
				break;
			if (load(skb, offset, extension, 4))
				break;
			if (next == IPPROTO_IPV6_FRAGMENT) {
				if (ntohs(*(__u16 *)(extension + 2)) & 0xfff8)
					headers->fragment = 1;
				offset += 8;
			} else {
				offset += (extension[1] + 1) * 8;
			}
			next = extension[0];
		}
		tuple->protocol = next;
	} else {
		return -1;
	}
	headers->header_length = offset;
	headers->ip_length = end;
	/* A super-packet's own length field may be 0. */
	if (end < offset || headers->super)
		end = skb->len;
	parse_transport(skb, offset, end, tuple->protocol, headers, &source, &destination);
	tuple->local_port = outgoing ? source : destination;
	tuple->remote_port = outgoing ? destination : source;
	return 0;
}

static __always_inline int emit_sample(struct __sk_buff *skb, struct control *control, const struct place *place,
				       const struct headers *headers, int transmit, const __u32 room, __u32 length)
{
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample) + room, 0);

	if (!sample) {
		__sync_fetch_and_add(&control->samples_lost, 1);
		return 0;
	}
	sample->slot = place->slot;
	sample->generation = place->generation;
	sample->time = bpf_ktime_get_ns();
	sample->sequence = headers->sequence;
	sample->wire_length = headers->payload_length;
	sample->transmit = transmit;
	sample->tcp_flags = headers->tcp_flags;
	sample->reserved = 0;
	if (length > room)
		length = room;
	/* The verifier wants to see that the length is in 1..room. */
	length = (length - 1) & 0xffff;
	/* Not load(): payload lies outside the linear part. A cgroup program's packet begins at the IP header. */
	if (length >= room || bpf_skb_load_bytes(skb, headers->payload_offset, sample->bytes, length + 1)) {
		bpf_ringbuf_discard(sample, BPF_RB_NO_WAKEUP);
		return 0;
	}
	sample->captured = length + 1;
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Three sizes of record, because the ring wants a constant: a question, a small message, a whole hello. */
static __noinline void take_sample(struct __sk_buff *skb, struct control *control, const struct place *place,
					const struct headers *headers, int transmit)
{
	__u32 length = headers->payload_length;

	if (!length)
		return;
	if (length <= 128 - sizeof(struct sample))
		emit_sample(skb, control, place, headers, transmit, 128 - sizeof(struct sample), length);
	else if (length <= 640 - sizeof(struct sample))
		emit_sample(skb, control, place, headers, transmit, 640 - sizeof(struct sample), length);
	else
		emit_sample(skb, control, place, headers, transmit, 4096 - sizeof(struct sample), length);
}

/* TCP's own view; bpf_tcp_sock gives NULL for anything else. */
static __always_inline void copy_tcp(struct flow *flow, struct bpf_sock *sk)
{
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);

	if (!tcp)
		return;
	flow->srtt_us = tcp->srtt_us >> 3;
	flow->min_rtt_us = tcp->rtt_min == ~0U ? 0 : tcp->rtt_min;
	flow->retransmits = tcp->total_retrans;
	flow->congestion_window = tcp->snd_cwnd;
	flow->lost = tcp->lost_out;
}

/* Segments of a super-packet. Some drivers give the size and leave the number out. */
static __always_inline __u32 count_segments(__u32 length, __u32 gso_size, __u32 gso_segs, __u32 header_length)
{
	if (gso_segs)
		return gso_segs;
	if (gso_size && length > header_length)
		return (length - header_length + gso_size - 1) / gso_size;
	return 1;
}

static __always_inline void add_transmit(struct flow *flow, __u64 bytes, __u64 packets, __u64 *before)
{
	__sync_fetch_and_add(&flow->tx_bytes, bytes);
	*before = __sync_fetch_and_add(&flow->tx_packets, packets);
	flow->tx_last = bpf_ktime_get_coarse_ns();
}

static __always_inline void add_receive(struct flow *flow, __u64 bytes, __u64 packets, __u64 *before)
{
	__sync_fetch_and_add(&flow->rx_bytes, bytes);
	*before = __sync_fetch_and_add(&flow->rx_packets, packets);
	flow->rx_last = bpf_ktime_get_coarse_ns();
}

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

static __always_inline struct flow *old_flow(__u64 cookie, struct place *place)
{
	struct place *known = bpf_map_lookup_elem(&old_sockets, &cookie);

	if (!known)
		return 0;
	*place = *known;
	return flow_at(place);
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
		stamp(owner, pid_tgid);
		bpf_sk_storage_delete(&places, sk);
	}
	if (!owner->scope)
		owner->scope = bpf_get_netns_cookie(context);
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

/* ---- Wire plane ---- */

/* True for what the socket plane counts anyway: unicast IP to this machine, of a protocol that has sockets. */
static __always_inline int has_socket(struct __sk_buff *skb, struct control *control, const struct tuple *tuple)
{
	if (tuple->protocol != IPPROTO_TCP && tuple->protocol != IPPROTO_UDP && tuple->protocol != IPPROTO_UDPLITE)
		return 0;
	if (skb->pkt_type != PACKET_HOST)
		return 0;
	if (!control->forwarding)
		return 1;
	return bpf_map_lookup_elem(&local_addresses, tuple->remote_address) != 0;
}

/*
 * Counts frames that no local socket will count, and hands up the first few of each flow. Returns how many bytes of
 * the frame the packet ring gets.
 */
SEC("socket")
int packet_filter(struct __sk_buff *skb)
{
	struct control *control = get_control();
	struct headers headers = {};
	struct tuple tuple = {};
	struct place place;
	struct flow *flow;
	__u32 length = skb->len, gso_size = skb->gso_size, gso_segs = skb->gso_segs, segments;
	__u64 bytes, before;
	int made = 0;

	headers.super = gso_size != 0;
	if (!control || (control->skip_interface && skb->ifindex == control->skip_interface))
		return 0;
	tuple.ether_type = ntohs((__u16)skb->protocol);
	if (tuple.ether_type == ETH_P_IP || tuple.ether_type == ETH_P_IPV6) {
		tuple.ether_type = 0;
		if (skb->pkt_type == PACKET_HOST && !control->forwarding) {
			/* The shortest way out: nearly every frame of a machine that does not forward. */
			__u8 protocol = 0;

			load(skb, skb->protocol == htons(ETH_P_IP) ? 9 : 6, &protocol, 1);
			if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
				return 0;
		}
		if (parse_packet(skb, 1, &tuple, &headers))
			return 256;
		if (has_socket(skb, control, &tuple))
			return 0;
	} else if (tuple.ether_type == ETH_P_ARP) {
		/* RFC 826: keyed by the sender's and the target's IPv4 address. */
		__u8 arp[28] = {};

		if (load(skb, 0, arp, 28))
			return 256;
		tuple.kind = 4;
		map_ipv4(tuple.local_address, arp + 14);
		map_ipv4(tuple.remote_address, arp + 24);
	} else {
		/* Below IP: keyed by EtherType and MAC addresses, kept in the address fields. */
		__u8 mac[12] = {};

		if (!bpf_skb_load_bytes(skb, 0, mac, 12)) {
			__builtin_memcpy(tuple.remote_address, mac, 6);
			__builtin_memcpy(tuple.local_address, mac + 6, 6);
		}
	}
	tuple.kind |= KIND_WIRE;
	flow = find_flow(control, &tuple, &place, 1, &made);
	if (!flow) {
		table_full(control, 1, length);
		return 0;
	}
	if (made) {
		flow->flags = FLOW_WIRE;
		flow->interface = skb->ifindex;
		flow->opener = OPENER_UNKNOWN;
		if (skb->vlan_present)
			flow->vlan = 0x10000 | (skb->vlan_tci & 0xffff);
	}
	segments = count_segments(length, gso_size, gso_segs, headers.header_length);
	/* IP packets count without their link header; a super-packet's length has to do with Ethernet's. */
	if (headers.ip_length && !gso_size)
		bytes = headers.ip_length;
	else
		bytes = length - (headers.header_length && length > 14 ? 14 : 0);
	bytes += (__u64)(segments - 1) * headers.header_length;
	/* On several interfaces the same packets pass again: they count where the flow was seen first. */
	if (flow->interface == skb->ifindex) {
		add_transmit(flow, bytes, segments, &before);
		flow->wire_flags |= headers.tcp_flags;
		announce(control, flow, place.slot);
	} else {
		before = flow->tx_packets;
	}
	return before < flow->tx_sample_until ? 2048 : 0;
}
