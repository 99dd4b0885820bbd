/**
 * SMB 1, 2 and 3: the dialect. No shares, files or names.
 *
 * [MS-SMB2] sections 2.1 (transport), 2.2.1 (header), 2.2.4 (NEGOTIATE response); [MS-CIFS] section 2.2.3.1.
 *
 *   transport = 0 length(3);  header = 0xFF|0xFE|0xFD|0xFC "SMB" ...;  SMB2 header = 64 bytes, command(2) at 12
 */
import { hasAsciiAt, u16LittleAt, u24At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const transportHeader = 4;
const signatures: ReadonlyMap<number, string> = new Map([
  [0xff, "1"],
  [0xfe, "2/3"],
  [0xfd, "3 (encrypted)"],
  [0xfc, "3 (compressed)"],
]);
const dialectOffset = transportHeader + 64 + 4;
const dialects: ReadonlyMap<number, string> = new Map([
  [0x0202, "2.02"],
  [0x0210, "2.10"],
  [0x0300, "3.00"],
  [0x0302, "3.02"],
  [0x0311, "3.11"],
  [0x02ff, "2.??"],
]);

export function isSmbFirst(byte: number): boolean {
  return byte === 0;
}

export function probeSmb(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < transportHeader + 4) return undecided(context.last);
  const isKnown = signatures.has(bytes[transportHeader]!) && hasAsciiAt(bytes, transportHeader + 1, "SMB");
  return isKnown && u24At(bytes, 1) >= 32 ? "yes" : "no";
}

export function parseSmb(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < transportHeader + 4 || !hasAsciiAt(bytes, transportHeader + 1, "SMB")) return { kind: "notMine" };
  const smb: Record<string, unknown> = { version: signatures.get(bytes[transportHeader]!) ?? "?" };
  const isVersion2 = bytes[transportHeader] === 0xfe;
  // A NEGOTIATE response: command 0, flag "server to redirector", structure size 65.
  const isAnswer = isVersion2 && u16LittleAt(bytes, 16) === 0 && ((bytes[20] ?? 0) & 1) === 1;
  const isNegotiated = isAnswer && u16LittleAt(bytes, transportHeader + 64) === 65;
  const dialect = isNegotiated ? dialects.get(u16LittleAt(bytes, dialectOffset)) : undefined;
  if (dialect !== undefined) smb["dialect"] = dialect;
  const isFinal = dialect !== undefined && dialect !== "2.??";
  const isOld = !isVersion2 && !context.toServer;
  return { kind: "match", name: "smb", facts: { smb }, complete: isFinal || isOld };
}
