/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first payload of a flow, copied for user space to tell its protocol by. */
#ifndef SOCKLENS_CORE_SAMPLES_H
#define SOCKLENS_CORE_SAMPLES_H

#include "maps.h"
#include "packets.h"

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

#endif
