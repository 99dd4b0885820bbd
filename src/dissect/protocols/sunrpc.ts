/**
 * ONC RPC: program, version and procedure of a call, or how one was answered; NFS by its program number.
 *
 * RFC 5531 sections 9 (messages) and 11 (record marking); program numbers: IANA "rpc-program-numbers".
 *
 *   [TCP: last(1 bit) length(31)] xid(4)
 *   call  = 0(4) 2(4: RPC version) program(4) version(4) procedure(4) credential verifier arguments
 *   reply = 1(4) (0(4: accepted) verifier status(4) | 1(4: denied) reason(4) ...);  credential, verifier = flavor(4) bytes<4>
 *
 * Evidence of a call: these fixed words, a program number that may be given, known flavors and lengths that RFC 5531 allows. Of a
 * reply alone: its fixed words, and over TCP the record's length; over UDP a port of RPC or, as its clients have, a
 * privileged one. Which side opened the flow does not matter: NFS 4 calls back over its client's connection.
 */
import { u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const programs = new Map([
  [100_000, "portmap"],
  [100_001, "rstat"],
  [100_002, "rusers"],
  [100_003, "nfs"],
  [100_004, "ypserv"],
  [100_005, "mount"],
  [100_007, "ypbind"],
  [100_008, "rwall"],
  [100_009, "yppasswd"],
  [100_011, "rquota"],
  [100_012, "spray"],
  [100_017, "rexd"],
  [100_020, "llockmgr"],
  [100_021, "nlockmgr"],
  [100_024, "status"],
  [100_026, "bootparam"],
  [100_029, "keyserv"],
  [100_068, "cmsd"],
  [100_069, "ypxfrd"],
  [100_083, "ttdbserverd"],
  [100_227, "nfs_acl"],
  [100_229, "metad"],
  [100_232, "sadmind"],
  [100_300, "nisd"],
  [100_424, "nfsauth"],
  [150_001, "pcnfsd"],
  [300_019, "amd"],
  [395_183, "vxi11"],
  [0x4000_0000, "nfs_callback"],
]);
/** RFC 5531 section 8.4: what IANA and users may number, up to the transient ones. */
const [firstProgram, lastProgram] = [99_999, 0x5fff_ffff];
const lastNamedVersion = 10;
/** Programs that nobody has named count their versions from 1 on, or by date. */
const lastVersion = 20_000;
const nfsPrograms: readonly string[] = ["nfs", "mount", "nfs_acl", "nfs_callback"];
const nfsPort = 2049;
const portmapPort = 111;
const firstUserPort = 1024;
const kind = { call: 0, reply: 1 } as const;
const rpcVersion = 2;
const callLength = 32;
const replyLength = 20;
const longestCredential = 400;
const lastProcedure = 100;
const largestFragment = 1 << 24;
/** AUTH_NONE, AUTH_SYS, AUTH_SHORT, AUTH_DH, RPCSEC_GSS, AUTH_TLS (RFC 9289). */
const flavors: readonly number[] = [0, 1, 2, 3, 6, 7];
const statuses = ["success", "prog_unavail", "prog_mismatch", "proc_unavail", "garbage_args", "system_err"] as const;

const markOf = (context: DissectContext): number => (context.transport === "tcp" ? 4 : 0);

export function isSunrpcFirst(): boolean {
  return true;
}

export function isSunrpcStreamFirst(byte: number): boolean {
  // The mark: whether this is the last fragment, and a length below 2^24.
  return (byte & 0x7f) === 0;
}

/** Offset behind the credential or verifier at `at`; -1: it is none, -2: it is cut off. */
function behindOpaque(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 8) return -2;
  const length = u32At(bytes, at + 4);
  return flavors.includes(u32At(bytes, at)) && length <= longestCredential && length % 4 === 0 ? at + 8 + length : -1;
}

function isCall(bytes: Uint8Array, at: number): Likeness {
  if (bytes.length < at + callLength) return "more";
  const program = u32At(bytes, at + 12);
  const isNamed = programs.has(program);
  const isKnown =
    u32At(bytes, at + 8) === rpcVersion &&
    (isNamed || (program >= firstProgram && program <= lastProgram && u32At(bytes, at + 16) > 0)) &&
    u32At(bytes, at + 16) <= (isNamed ? lastNamedVersion : lastVersion) &&
    u32At(bytes, at + 20) < lastProcedure;
  const verifier = isKnown ? behindOpaque(bytes, at + 24) : -1;
  // What is cut in its credential has shown enough.
  return verifier === -1 || (verifier > 0 && behindOpaque(bytes, verifier) === -1) ? "no" : "yes";
}

function isReply(bytes: Uint8Array, at: number): Likeness {
  if (bytes.length < at + replyLength) return "more";
  const state = u32At(bytes, at + 8);
  // Denied: an RPC version that does not fit, with the lowest and the highest; or an authentication error (RFC 5531: up to 14).
  if (state === 1) {
    const reason = u32At(bytes, at + 12);
    return (reason === 0 && u32At(bytes, at + 16) <= 2) || (reason === 1 && u32At(bytes, at + 16) <= 14) ? "yes" : "no";
  }
  const status = state === 0 ? behindOpaque(bytes, at + 12) : -1;
  if (status < 0) return status === -2 ? "more" : "no";
  if (bytes.length < status + 4) return "more";
  return u32At(bytes, status) < statuses.length ? "yes" : "no";
}

function isRpcPort(port: number): boolean {
  return port === nfsPort || port === portmapPort;
}

export function probeSunrpc(bytes: Uint8Array, context: DissectContext): Likeness {
  const mark = markOf(context);
  const more = mark > 0 && !context.last ? "more" : "no";
  const length = mark > 0 && bytes.length >= 4 ? u32At(bytes, 0) % 0x8000_0000 : bytes.length - mark;
  if (mark > 0 && bytes.length >= 4 && (length < replyLength || length >= largestFragment)) return "no";
  if (bytes.length < mark + 8) return more;
  const isAnswer = u32At(bytes, mark + 4) === kind.reply;
  if (!isAnswer && u32At(bytes, mark + 4) !== kind.call) return "no";
  const likeness = isAnswer ? isReply(bytes, mark) : isCall(bytes, mark);
  if (likeness === "more") return more;
  if (likeness === "no" || !isAnswer || isRpcPort(context.serverPort) || isRpcPort(context.clientPort)) return likeness;
  // Most of a reply's fixed words are zero: a frame of just this length, or a client as RPC has them, must come to it.
  if (mark > 0) return bytes.length === mark + length && bytes[0] === 0x80 ? "yes" : "no";
  return length % 4 === 0 && Math.min(context.clientPort, context.serverPort) < firstUserPort ? "yes" : "no";
}

export function parseSunrpc(bytes: Uint8Array, context: DissectContext): Verdict {
  const mark = markOf(context);
  if (bytes.length < mark + replyLength) return { kind: "needMore", bytes: mark + callLength };
  if (u32At(bytes, mark + 4) === kind.reply) return parseReply(bytes, mark, context);
  if (isCall(bytes, mark) !== "yes") return { kind: "notMine" };
  const program = programs.get(u32At(bytes, mark + 12)) ?? u32At(bytes, mark + 12);
  const facts = { program, version: u32At(bytes, mark + 16), procedure: u32At(bytes, mark + 20) };
  const name = typeof program === "string" && nfsPrograms.includes(program) ? "nfs" : "sunrpc";
  return { kind: "match", name, facts: { [name]: facts }, complete: true };
}

function parseReply(bytes: Uint8Array, mark: number, context: DissectContext): Verdict {
  if (isReply(bytes, mark) !== "yes") return { kind: "notMine" };
  const isDenied = u32At(bytes, mark + 8) === 1;
  const status = isDenied ? "denied" : statuses[u32At(bytes, behindOpaque(bytes, mark + 12))];
  // Which program was called is not in its answer: port 2049 is NFS's own.
  const name = context.serverPort === nfsPort || context.clientPort === nfsPort ? "nfs" : "sunrpc";
  return { kind: "match", name, facts: { [name]: { reply: status } }, complete: true };
}
