/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a packet's headers say: its tuple, and where its payload is. */
#ifndef SOCKLENS_CORE_PACKETS_H
#define SOCKLENS_CORE_PACKETS_H

#include "../flow-table.h"

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

#endif
