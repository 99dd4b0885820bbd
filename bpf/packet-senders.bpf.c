/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames that a process sends through an AF_PACKET socket: they pass no inet socket, so the core does not see them.
 * Counted on their way to the device, by sending process and frame type. Optional part, CO-RE.
 */
#include "kernel-types.h"

char terms[] SEC("license") = "Dual BSD/GPL";

struct sender_key {
	__u32 tgid;
	__u32 interface;
	__u16 ether_type;
	__u8 protocol;
	__u8 family; /* 4, 6, or 0: not IP, addresses hold MAC addresses */
	__u16 source_port;
	__u16 destination_port;
	__u8 source[16];
	__u8 destination[16];
};

struct sender {
	__u64 bytes;
	__u64 packets;
	__u64 start;
	__u64 last;
	__u64 cgroup;
	__u32 uid;
	__u32 gid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct sender_key);
	__type(value, struct sender);
} senders SEC(".maps");

/* How many frames were counted in all: user space looks at the table only when this moved. */
struct activity {
	__u64 frames;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct activity);
} sender_activity SEC(".maps");

static __always_inline void map_address(__u8 *to, const __u8 *from)
{
	*(__u32 *)(to + 8) = 0xffff0000;
	__builtin_memcpy(to + 12, from, 4);
}

static __always_inline void read_addresses(struct sender_key *key, const unsigned char *link, const unsigned char *net)
{
	__u8 bytes[44] = {};
	__u32 ports = 0;

	if (key->ether_type == ETH_P_IP && !bpf_probe_read_kernel(bytes, 20, net)) {
		key->family = 4;
		key->protocol = bytes[9];
		map_address(key->source, bytes + 12);
		map_address(key->destination, bytes + 16);
		ports = (bytes[0] & 0xf) * 4;
	} else if (key->ether_type == ETH_P_IPV6 && !bpf_probe_read_kernel(bytes, 40, net)) {
		key->family = 6;
		key->protocol = bytes[6];
		__builtin_memcpy(key->source, bytes + 8, 16);
		__builtin_memcpy(key->destination, bytes + 24, 16);
		ports = 40;
	} else if (!bpf_probe_read_kernel(bytes, 12, link)) {
		__builtin_memcpy(key->destination, bytes, 6);
		__builtin_memcpy(key->source, bytes + 6, 6);
	}
	if (ports && (key->protocol == IPPROTO_TCP || key->protocol == IPPROTO_UDP) &&
	    !bpf_probe_read_kernel(bytes, 4, net + ports)) {
		key->source_port = ntohs(*(__u16 *)bytes);
		key->destination_port = ntohs(*(__u16 *)(bytes + 2));
	}
}

SEC("tp_btf/net_dev_queue")
int frame_queued(__u64 *context)
{
	struct sk_buff *skb = (void *)context[0];
	struct sock *sk = skb->sk;
	struct sender_key key = {};
	struct activity *activity;
	struct sender *sender;
	__u32 zero = 0;
	__u64 length;

	if (!sk || sk->__sk_common.skc_family != AF_PACKET)
		return 0;
	/* AF_PACKET sends in the caller's context. */
	key.tgid = bpf_get_current_pid_tgid() >> 32;
	key.interface = skb->dev->ifindex;
	key.ether_type = ntohs(skb->protocol);
	read_addresses(&key, skb->data, skb->head + skb->network_header);
	sender = bpf_map_lookup_elem(&senders, &key);
	if (!sender) {
		struct sender fresh = {};
		__u64 ids = bpf_get_current_uid_gid();

		fresh.uid = ids;
		fresh.gid = ids >> 32;
		fresh.start = bpf_ktime_get_ns();
		fresh.cgroup = bpf_get_current_cgroup_id();
		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
		bpf_map_update_elem(&senders, &key, &fresh, BPF_NOEXIST);
		sender = bpf_map_lookup_elem(&senders, &key);
		if (!sender)
			return 0;
	}
	/* IP packets count without their link header, as everywhere. */
	length = skb->len;
	if (key.family)
		length -= skb->head + skb->network_header - skb->data;
	__sync_fetch_and_add(&sender->bytes, length);
	__sync_fetch_and_add(&sender->packets, 1);
	sender->last = bpf_ktime_get_ns();
	activity = bpf_map_lookup_elem(&sender_activity, &zero);
	if (activity)
		__sync_fetch_and_add(&activity->frames, 1);
	return 0;
}
