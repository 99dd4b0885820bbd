/**
 * What was there before start: processes and sockets, read from BPF iterators, whose descriptors work for whoever
 * holds them.
 */
import { networkNamespace, pid, type NetworkNamespace, type Pid } from "../../../model/index.ts";
import { readInto } from "../system-calls.ts";
import { socketRecordLayout as layout } from "./built/layout.ts";
import { fixedText, longAt } from "./process-records.ts";

/** More than this is not read: 200,000 sockets, or 20,000 processes. */
const limit = 20 << 20;

/** A socket in some process's file table. Addresses are 16 bytes, IPv4 mapped. */
export interface PresentSocket {
  readonly cookie: number;
  readonly scope: NetworkNamespace;
  readonly pid: Pid;
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
  readonly protocolNumber: number;
  readonly state: number;
  readonly family: 4 | 6;
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array;
  readonly remotePort: number;
}

/** Reads an iterator to its end; empty when the kernel refuses. */
export function readIterator(descriptor: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = new Uint8Array(1 << 18);
    const length = readInto(descriptor, chunk);
    // EAGAIN and EINTR: a busy iterator asks to be read again.
    if (length === -11 || length === -4) continue;
    if (length <= 0 || total > limit) break;
    chunks.push(chunk.subarray(0, length));
    total += length;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function isMapped(address: Uint8Array): boolean {
  const words = new DataView(address.buffer, address.byteOffset, 12);
  return words.getUint32(0) === 0 && words.getUint32(4) === 0 && words.getUint32(8) === 0xffff;
}

/** All sockets of the iterator over file tables, by cookie. Of several holders the first, usually the oldest, is kept. */
export function readSockets(bytes: Uint8Array): Map<number, PresentSocket> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Map<number, PresentSocket>();
  for (let at = 0; at + layout.size <= bytes.length; at += layout.size) {
    const cookie = longAt(view, at + layout.cookie);
    if (found.has(cookie)) continue;
    const localAddress = bytes.subarray(at + layout.localAddress, at + layout.localAddress + 16);
    found.set(cookie, {
      cookie,
      scope: networkNamespace(longAt(view, at + layout.scope)),
      pid: pid(view.getUint32(at + layout.tgid, true)),
      name: fixedText(bytes, at + layout.comm, 16),
      userId: view.getUint32(at + layout.uid, true),
      groupId: view.getUint32(at + layout.gid, true),
      protocolNumber: view.getUint8(at + layout.protocol),
      state: view.getUint8(at + layout.state),
      // An IPv6 socket that talks IPv4 has mapped addresses.
      family: view.getUint8(at + layout.family) === 4 || isMapped(localAddress) ? 4 : 6,
      localAddress,
      localPort: view.getUint16(at + layout.localPort, true),
      remoteAddress: bytes.subarray(at + layout.remoteAddress, at + layout.remoteAddress + 16),
      remotePort: view.getUint16(at + layout.remotePort, true),
    });
  }
  return found;
}
