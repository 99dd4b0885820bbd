/** Records of NETLINK_SOCK_DIAG: include/uapi/linux/inet_diag.h, sock_diag.h, tcp.h. */
import { formatAddress, isMappedIPv4 } from "../../model/index.ts";
import { walkAttributes } from "./netlink.ts";

/** One socket as the kernel describes it; reused from record to record. Counters in bytes, times in microseconds. */
export class SocketRecord {
  protocolNumber = 0;
  state = 0;
  /** The kernel's number of the socket, never used twice; below 2^53. */
  cookie = 0;
  inode = 0;
  uid = 0;
  interfaceIndex = 0;
  localPort = 0;
  remotePort = 0;
  /** Where the addresses lie in the buffer. */
  localOffset = 0;
  remoteOffset = 0;
  addressLength = 4;
  /** True when TCP's own counters came along. */
  hasCounters = false;
  /** Payload bytes and segments; IP bytes are estimated from both. */
  bytesSent = 0;
  bytesReceived = 0;
  segmentsOut = 0;
  segmentsIn = 0;
  hasTimestamps = false;
  srtt = 0;
  minRtt = 0;
  retransmits = 0;
  congestionWindow = 0;
  lost = 0;

  /** Bytes of the IP and TCP headers of a segment without data, as far as the options are known. */
  get headerLength(): number {
    return (this.addressLength === 4 ? 20 : 40) + 20 + (this.hasTimestamps ? 12 : 0);
  }
}

const AF_INET6 = 10;
const INET_DIAG_INFO = 2;
/** struct inet_diag_msg. */
const MESSAGE = 72;
const TCPI_OPT_TIMESTAMPS = 1;
/** The kernel's value for "no measurement yet". */
const NO_MIN_RTT = 0xffff_ffff;

function readTcpInfo(view: DataView, at: number, end: number, record: SocketRecord): void {
  const length = end - at;
  // Up to tcpi_min_rtt, which every kernel since 4.6 has.
  if (length < 152) return;
  const u64 = (offset: number): number => Number(view.getBigUint64(at + offset, true));
  record.hasCounters = true;
  record.hasTimestamps = (view.getUint8(at + 5) & TCPI_OPT_TIMESTAMPS) !== 0;
  record.lost = view.getUint32(at + 32, true);
  record.srtt = view.getUint32(at + 68, true);
  record.congestionWindow = view.getUint32(at + 80, true);
  record.retransmits = view.getUint32(at + 100, true);
  record.bytesReceived = u64(128);
  record.segmentsOut = view.getUint32(at + 136, true);
  record.segmentsIn = view.getUint32(at + 140, true);
  const minRtt = view.getUint32(at + 148, true);
  record.minRtt = minRtt === NO_MIN_RTT ? 0 : minRtt;
  // tcpi_bytes_sent (4.19) counts retransmissions as the wire does; before, what was acknowledged.
  record.bytesSent = length >= 208 ? u64(200) : u64(120);
}

/** Parses the body of a SOCK_DIAG_BY_FAMILY answer at `[start, end)` into `record`; false when it is cut. */
export function parseSocketMessage(
  view: DataView,
  start: number,
  end: number,
  protocolNumber: number,
  record: SocketRecord,
): boolean {
  if (end > view.byteLength || start + MESSAGE > end) return false;
  const family = view.getUint8(start);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  record.protocolNumber = protocolNumber;
  record.state = view.getUint8(start + 1);
  record.localPort = view.getUint16(start + 4, false);
  record.remotePort = view.getUint16(start + 6, false);
  record.localOffset = start + 8;
  record.remoteOffset = start + 24;
  record.addressLength = family === AF_INET6 ? 16 : 4;
  if (family === AF_INET6 && isMappedIPv4(bytes, record.localOffset) && isMappedIPv4(bytes, record.remoteOffset)) {
    record.addressLength = 4;
    record.localOffset += 12;
    record.remoteOffset += 12;
  }
  record.interfaceIndex = view.getUint32(start + 40, true);
  record.cookie = view.getUint32(start + 44, true) + (view.getUint32(start + 48, true) & 0x1f_ffff) * 0x1_0000_0000;
  record.uid = view.getUint32(start + 64, true);
  record.inode = view.getUint32(start + 68, true);
  record.hasCounters = false;
  record.hasTimestamps = false;
  record.bytesSent = 0;
  record.bytesReceived = 0;
  record.segmentsOut = 0;
  record.segmentsIn = 0;
  record.srtt = 0;
  record.minRtt = 0;
  record.retransmits = 0;
  record.congestionWindow = 0;
  record.lost = 0;
  walkAttributes(view, start + MESSAGE, end, (type, at, stop) => {
    if (type === INET_DIAG_INFO) readTcpInfo(view, at, stop, record);
  });
  return true;
}

/** Text of both addresses of a record that was just parsed out of `bytes`. */
export function addressesOf(bytes: Uint8Array, record: SocketRecord): [local: string, remote: string] {
  return [
    formatAddress(bytes, record.localOffset, record.addressLength),
    formatAddress(bytes, record.remoteOffset, record.addressLength),
  ];
}

/** struct inet_diag_req_v2: all sockets of a family and protocol in the states of `states` (a mask of 1 << state). */
export function socketRequest(family: number, protocolNumber: number, states: number, withInfo: boolean): Uint8Array {
  const request = new DataView(new ArrayBuffer(56));
  request.setUint8(0, family);
  request.setUint8(1, protocolNumber);
  request.setUint8(2, withInfo ? 1 << (INET_DIAG_INFO - 1) : 0);
  request.setUint32(4, states, true);
  return new Uint8Array(request.buffer);
}
