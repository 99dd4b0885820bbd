/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow table that the kernel fills and user space reads by mmap. src/host/linux/bpf/layout.ts mirrors it; a test
 * compares the two through the object's BTF.
 *
 * A flow lives in a slot of the array `flows`. Programs find it by socket storage, else by `by_tuple`. Both keep the
 * slot's generation beside its number: a slot whose generation moved on belongs to another flow, so user space may
 * take any slot back at any time by raising its generation, and give it out again one tick later.
 *
 * What changed is told by the ring `dirty`: the first time a flow is touched in an epoch, its slot number goes in.
 * User space raises the epoch first and reads second; a program counts first and looks at the epoch second. So a count
 * that a reader missed is always announced again (both sides use full barriers).
 */
#ifndef SOCKLENS_FLOW_TABLE_H
#define SOCKLENS_FLOW_TABLE_H

#include "types.h"

#define FLOW_SLOTS (1 << 17)
#define RING_ENTRIES (1 << 18)

/* How sure the owner is, and who opened the flow. */
enum {
	OPENER_UNKNOWN = 0,
	OPENER_LOCAL = 1,
	OPENER_REMOTE = 2,
};

enum {
	FLOW_RELEASED = 1, /* the socket is gone: no more will come */
	FLOW_RESET = 2, /* it went by RST or abort, not by FIN */
	FLOW_WIRE = 4, /* counted by the packet filter: no local socket; local = source of the first packet */
	FLOW_KERNEL = 8, /* sent by one of the kernel's own sockets */
	FLOW_OLD = 16, /* its TCP socket was there before us: nobody calls back when its state changes */
};

struct flow {
	/* Identity: written once, before the slot number leaves the program that made it. */
	__u32 generation;
	__u8 protocol;
	__u8 family; /* 4, 6, or 0: not IP, addresses hold MAC addresses */
	__u8 opener;
	__u8 flags;
	__u16 local_port;
	__u16 remote_port;
	__u32 interface;
	__u8 local_address[16]; /* IPv4 as ::ffff:a.b.c.d */
	__u8 remote_address[16];
	__u64 scope; /* network namespace cookie, 0: not known */
	__u64 start;

	/* Owner. */
	__u32 tgid;
	__u32 tid;
	__u32 uid;
	__u32 gid;
	__u64 stamped;
	__u64 cgroup;
	__u64 cookie;
	char comm[16];
	__u32 epoch;
	__u16 ether_type;
	__u8 tcp_state;
	__u8 wire_flags; /* TCP flags seen, for flows without a socket */

	/* Transmit, and TCP's own view. */
	__u64 tx_bytes;
	__u64 tx_packets;
	__u64 tx_last;
	__u32 tx_sample_until; /* payload is sampled while fewer packets than this were counted; user space writes it */
	__u32 srtt_us;
	__u32 min_rtt_us;
	__u32 retransmits;
	__u32 congestion_window;
	__u32 lost;
	__u32 vlan;
	__u8 reserved_line2[12];

	/* Receive. */
	__u64 rx_bytes;
	__u64 rx_packets;
	__u64 rx_last;
	__u32 rx_sample_until;
	__u8 local_mac[6];
	__u8 remote_mac[6];
	__u8 reserved_line3[24];
};

_Static_assert(sizeof(struct flow) == 256, "four cache lines, and user space indexes by it");

/* One cache line for each writer. */
struct control {
	/* Written by user space. */
	__u32 epoch;
	__u32 free_tail;
	__u32 sample_packets; /* samples wanted of a new flow, each direction */
	__u32 forwarding; /* this machine forwards: the packet filter must look at packets that look local */
	__u32 skip_interface; /* interface that the packet filter leaves out, 0: none */
	__u32 limit; /* slots given out at most */
	__u32 unused_line0[10];
	/* Written by programs. */
	__u32 dirty_head;
	__u32 unused_line1[15];
	__u32 free_head;
	__u32 slots_used; /* slots above this were never given out */
	__u32 unused_line2[14];
	__u64 table_full_packets;
	__u64 table_full_bytes;
	__u64 samples_lost;
	__u64 late_packets; /* kernel answers for flows that are already gone */
	__u64 unused_line3[4];
};

struct sample {
	__u32 slot;
	__u32 generation;
	__u64 time;
	__u32 sequence;
	__u32 wire_length;
	__u16 captured;
	__u8 transmit;
	__u8 tcp_flags;
	__u32 reserved;
	__u8 bytes[];
};

struct ring {
	__u32 entry[RING_ENTRIES];
};

struct tuple {
	__u8 protocol;
	__u8 kind; /* 4, 6; KIND_WIRE bit; 0 for what is not IP */
	__u16 ether_type;
	__u16 local_port;
	__u16 remote_port;
	__u8 local_address[16];
	__u8 remote_address[16];
	__u64 scope;
};

#define KIND_WIRE 0x80

struct place {
	__u32 slot;
	__u32 generation;
};

/* What is known of a socket's owner; inherited from the listener by an accepted socket. */
struct owner {
	__u32 tgid;
	__u32 tid;
	__u32 uid;
	__u32 gid;
	__u64 stamped;
	__u64 cgroup;
	__u64 scope;
	char comm[16];
};

#endif
