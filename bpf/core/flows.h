/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of the flow table: found by tuple, made, announced. flow-table.h says what user space may do meanwhile. */
#ifndef SOCKLENS_CORE_FLOWS_H
#define SOCKLENS_CORE_FLOWS_H

#include "maps.h"

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

/* Of a TCP socket that was there before us. */
static __always_inline struct flow *old_flow(__u64 cookie, struct place *place)
{
	struct place *known = bpf_map_lookup_elem(&old_sockets, &cookie);

	if (!known)
		return 0;
	*place = *known;
	return flow_at(place);
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

#endif
