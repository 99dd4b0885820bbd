/** Opens connection tracking for reading: the privileged half of `conntrack.ts`. */
import { AF_NETLINK, NETLINK_SOCKET, NLM_F_DUMP, netlinkAddress, netlinkRequest } from "./netlink.ts";
import { addressOf, bind, closeDescriptor, send, setsockopt, socket } from "./system-calls.ts";

const NETLINK_NETFILTER = 12;
/** NFNLGRP_CONNTRACK_NEW is group 1, NFNLGRP_CONNTRACK_DESTROY group 3. */
const NEW_AND_DESTROY = 0b101;
/** NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET. */
const GET = 0x101;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_ATTACH_FILTER = 26;

/**
 * Classic BPF that the kernel runs on every message: events of connections that are not translated never reach the
 * socket, so that a machine with many connections and no NAT is not woken for them. Answers to the dump (NLM_F_MULTI)
 * pass, because several share a message.
 */
const ONLY_TRANSLATED = [
  // nlmsg_flags, which is little-endian where the filter reads big-endian.
  [0x28, 0, 0, 6],
  [0x45, 7, 0, 0x0200],
  // Finds the attribute CTA_STATUS (3) behind the two headers: SKF_AD_OFF + SKF_AD_NLATTR.
  [0x00, 0, 0, 20],
  [0x01, 0, 0, 3],
  [0x20, 0, 0, 0x1_0000_0000 - 0x1000 + 12],
  [0x15, 4, 0, 0],
  [0x07, 0, 0, 0],
  // IPS_SRC_NAT | IPS_DST_NAT.
  [0x40, 0, 0, 4],
  [0x45, 0, 1, 0x30],
  [0x06, 0, 0, 0xffff_ffff],
  [0x06, 0, 0, 0],
] as const;

function attachFilter(fd: number): number {
  const program = new DataView(new ArrayBuffer(ONLY_TRANSLATED.length * 8));
  for (const [index, [code, whenTrue, whenFalse, k]] of ONLY_TRANSLATED.entries()) {
    program.setUint16(index * 8, code, true);
    program.setUint8(index * 8 + 2, whenTrue);
    program.setUint8(index * 8 + 3, whenFalse);
    program.setUint32(index * 8 + 4, k, true);
  }
  const instructions = new Uint8Array(program.buffer);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, ONLY_TRANSLATED.length, true);
  header.setBigUint64(8, addressOf(instructions), true);
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array(header.buffer));
}

/**
 * Opens a socket subscribed to new and ended connections, and asks for those that are there; the answer waits in the
 * socket. Needs CAP_NET_ADMIN. A descriptor, or `-errno` (no connection tracking in this kernel).
 */
export function openConntrack(): number {
  const fd = socket(AF_NETLINK, NETLINK_SOCKET, NETLINK_NETFILTER);
  if (fd < 0) return fd;
  const size = new Uint8Array(new Uint32Array([1 << 20]).buffer);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size);
  const steps = [
    () => attachFilter(fd),
    () => bind(fd, netlinkAddress(NEW_AND_DESTROY)),
    // struct nfgenmsg: family unspecified, version 0, resource 0.
    () => send(fd, netlinkRequest(GET, NLM_F_DUMP, new Uint8Array(4)), 0),
  ];
  for (const step of steps) {
    const result = step();
    if (result >= 0) continue;
    closeDescriptor(fd);
    return result;
  }
  return fd;
}
