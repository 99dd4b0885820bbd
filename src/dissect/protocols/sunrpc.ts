/**
 * ONC RPC: program, version and procedure of a call; NFS by its program number.
 *
 * RFC 5531 sections 9 and 11 (record marking); program numbers: IANA "rpc-program-numbers".
 *
 *   [TCP: last(1 bit) length(31)] xid(4) 0(4: call) 2(4: RPC version) program(4) version(4) procedure(4)
 *   credential flavor(4) credential length(4) ...
 *
 * Evidence: these fixed words, a registered program number, a known flavor and a length that RFC 5531 allows.
 */
import { u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const programs = new Map([
  [100_000, "portmap"],
  [100_003, "nfs"],
  [100_004, "ypserv"],
  [100_005, "mount"],
  [100_007, "ypbind"],
  [100_011, "rquota"],
  [100_021, "nlockmgr"],
  [100_024, "status"],
  [100_227, "nfs_acl"],
]);
const callLength = 32;
const longestCredential = 400;
const largestFragment = 1 << 24;
/** AUTH_NONE, AUTH_SYS, AUTH_SHORT, AUTH_DH, RPCSEC_GSS. */
const flavors: readonly number[] = [0, 1, 2, 3, 6];

const markOf = (context: DissectContext): number => (context.transport === "tcp" ? 4 : 0);

export function isSunrpcFirst(): boolean {
  return true;
}

export function isSunrpcStreamFirst(byte: number): boolean {
  // The mark: last fragment, and a length below 2^24.
  return byte === 0x80;
}

export function probeSunrpc(bytes: Uint8Array, context: DissectContext): Likeness {
  const mark = markOf(context);
  if (mark > 0 && bytes.length >= 4) {
    const length = u32At(bytes, 0) - 0x8000_0000;
    if (length < callLength || length >= largestFragment) return "no";
  }
  if (bytes.length >= mark + 12 && (u32At(bytes, mark + 4) !== 0 || u32At(bytes, mark + 8) !== 2)) return "no";
  if (bytes.length < mark + callLength) return mark > 0 ? "more" : "no";
  const credential = u32At(bytes, mark + 28);
  const isCall =
    programs.has(u32At(bytes, mark + 12)) &&
    u32At(bytes, mark + 16) <= 10 &&
    u32At(bytes, mark + 20) < 100 &&
    flavors.includes(u32At(bytes, mark + 24)) &&
    credential <= longestCredential &&
    credential % 4 === 0;
  return isCall ? "yes" : "no";
}

export function parseSunrpc(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!context.toServer) return { kind: "notMine" };
  const mark = markOf(context);
  const program = programs.get(u32At(bytes, mark + 12));
  if (program === undefined) return { kind: "notMine" };
  const facts = { program, version: u32At(bytes, mark + 16), procedure: u32At(bytes, mark + 20) };
  const name = program === "nfs" || program === "nfs_acl" || program === "mount" ? "nfs" : "sunrpc";
  return { kind: "match", name, facts: { [name]: facts }, complete: true };
}
