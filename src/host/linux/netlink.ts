/** Netlink messages (RFC 3549, include/uapi/linux/netlink.h): building requests and walking replies within bounds. */

export const NLM_F_REQUEST = 1;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const AF_NETLINK = 16;
/** SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK. */
export const NETLINK_SOCKET = 3 | 0o2000000 | 0o4000;
export const MSG_DONTWAIT = 0x40;
const HEADER = 16;

/** A request with `payload` after its 16-byte header. */
export function netlinkRequest(type: number, flags: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER + payload.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | flags, true);
  message.set(payload, HEADER);
  return message;
}

/** struct sockaddr_nl that subscribes to a mask of multicast groups. */
export function netlinkAddress(groups: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(12));
  address.setUint16(0, AF_NETLINK, true);
  address.setUint32(8, groups, true);
  return new Uint8Array(address.buffer);
}

/** Receives each message: its type, and where its payload lies in the buffer. False stops the walk. */
export type MessageSink = (type: number, start: number, end: number) => boolean;

/**
 * Walks the messages of `view[0, length)`. Stops at the first whose length does not fit: what follows cannot be told
 * apart. Returns false when the sink stopped or a message was cut.
 */
export function walkMessages(view: DataView, length: number, sink: MessageSink): boolean {
  const end = Math.min(length, view.byteLength);
  let at = 0;
  while (at + HEADER <= end) {
    const size = view.getUint32(at, true);
    if (size < HEADER || at + size > end) return false;
    if (!sink(view.getUint16(at + 4, true), at + HEADER, at + size)) return false;
    at += (size + 3) & ~3;
  }
  return true;
}

/** Receives each attribute: its type without flags, and where its value lies. */
export type AttributeSink = (type: number, start: number, end: number) => void;

/** Walks the attributes of `view[start, end)`; one that does not fit ends the walk. */
export function walkAttributes(view: DataView, start: number, end: number, sink: AttributeSink): void {
  const limit = Math.min(end, view.byteLength);
  let at = start;
  while (at + 4 <= limit) {
    const size = view.getUint16(at, true);
    if (size < 4 || at + size > limit) return;
    // The two high bits mark nested attributes and network byte order.
    sink(view.getUint16(at + 2, true) & 0x3fff, at + 4, at + size);
    at += (size + 3) & ~3;
  }
}
