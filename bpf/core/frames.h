/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The packet filter of the wire plane: counts what has no local socket. */
#ifndef SOCKLENS_CORE_FRAMES_H
#define SOCKLENS_CORE_FRAMES_H

#include "flows.h"
#include "packets.h"
#include "counters.h"

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

#endif
