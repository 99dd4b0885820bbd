/**
 * OpenVPN: the reset that opens a session, and what protects its control channel.
 *
 * OpenVPN wire protocol (openvpn.net, doxygen "Network protocol"): P_CONTROL_HARD_RESET_CLIENT_V2 and _V3; tls-auth and
 * tls-crypt.
 *
 *   [TCP: length(2)] opcode(5 bits) 0(3: key id) session id(8) ...
 *   plain:     acknowledgements(1: 0) packet id(4: 0)
 *   tls-auth:  hmac(20, 32, 64) replay id(4: 1) time(4) acknowledgements(1: 0) packet id(4: 0)
 *   tls-crypt: replay id(4: 1) time(4) hmac(32) encrypted(5)
 *
 * The server's reset acknowledges the client's: acknowledgements(1: 1) acknowledged(4: 0) client's session id(8) packet id(4: 0).
 *
 * Evidence: exactly these lengths, the counters of a first packet, a time of this century.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const clientV2 = 7 << 3;
const clientV3 = 10 << 3;
const serverV2 = 8 << 3;
const plainLength = 14;
/** An acknowledged packet's number, and the session it was of. */
const acknowledgement = 12;
const digests = [20, 32, 64];
const cryptLength = 54;
const longest = plainLength + acknowledgement + 64 + 8;
const firstTime = 978_307_200;

type Protection = "none" | "tls-auth" | "tls-crypt";

function isFirst(bytes: Uint8Array, at: number): boolean {
  return u32At(bytes, at) === 1 && u32At(bytes, at + 4) >= firstTime;
}

/** Whether acknowledgements (`count` of them, of packet 0) and packet number 0 stand at `at`. */
function isReset(bytes: Uint8Array, at: number, count: 0 | 1): boolean {
  if (bytes[at] !== count || (count === 1 && u32At(bytes, at + 1) !== 0)) return false;
  return u32At(bytes, at + 1 + count * acknowledgement) === 0;
}

/** What protects the reset in `bytes` from `at` on; undefined when it is none. */
function protectionOf(bytes: Uint8Array, at: number): Protection | undefined {
  const length = bytes.length - at;
  const opcode = bytes[at];
  const count = opcode === serverV2 ? 1 : 0;
  if (!isOpenvpnFirst(opcode ?? 0)) return undefined;
  const plain = plainLength + count * acknowledgement;
  if (length === plain && isReset(bytes, at + 9, count)) return "none";
  for (const digest of digests) {
    const replay = at + 9 + digest;
    if (length !== plain + digest + 8 || !isFirst(bytes, replay)) continue;
    if (isReset(bytes, replay + 8, count)) return "tls-auth";
  }
  return length === cryptLength + count * acknowledgement && isFirst(bytes, at + 9) ? "tls-crypt" : undefined;
}

export function isOpenvpnFirst(byte: number): boolean {
  return byte === clientV2 || byte === clientV3 || byte === serverV2;
}

export function isOpenvpnStreamFirst(byte: number): boolean {
  return byte === 0;
}

export function probeOpenvpn(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.transport === "udp") return protectionOf(bytes, 0) === undefined ? "no" : "yes";
  if (bytes.length < 3) return context.last ? "no" : "more";
  const length = u16At(bytes, 0);
  if (!isOpenvpnFirst(bytes[2]!) || length < plainLength || length > longest) return "no";
  if (bytes.length < length + 2) return context.last ? "no" : "more";
  return protectionOf(bytes.subarray(0, length + 2), 2) === undefined ? "no" : "yes";
}

export function parseOpenvpn(bytes: Uint8Array, context: DissectContext): Verdict {
  const stream = context.transport === "tcp";
  const control = protectionOf(stream ? bytes.subarray(0, u16At(bytes, 0) + 2) : bytes, stream ? 2 : 0);
  if (control === undefined) return { kind: "notMine" };
  return { kind: "match", name: "openvpn", facts: { openvpn: { control_channel: control } }, complete: true };
}
