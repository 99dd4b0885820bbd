/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is written into a flow when a packet passed, and TCP's own view of it. */
#ifndef SOCKLENS_CORE_COUNTERS_H
#define SOCKLENS_CORE_COUNTERS_H

#include "../flow-table.h"

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

#endif
