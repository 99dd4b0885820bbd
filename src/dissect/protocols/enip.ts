/**
 * EtherNet/IP: what is asked, and the identity that a device gives of itself.
 *
 * CIP networks library volume 2 (ODVA), chapters 2-3 (encapsulation header), 2-4 (commands), 2-6 (common packet format).
 *
 *   header = command(2) length(2) session(4) status(4) context(8) options(4: 0);  all little-endian
 *   items  = count(2) (type(2) length(2) data)*;  an I/O datagram is items alone: 0x8002 address, 0x00B1 data
 *
 * Evidence: a command that exists, with the length that it must have or items that fill it, and options of zero. A command
 * without data is believed on the port alone.
 */
import { asciiText, escapeControls, u16LittleAt, u32LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 24;
const port = 44_818;
const commands: ReadonlyMap<number, string> = new Map([
  [0x04, "list_services"],
  [0x63, "list_identity"],
  [0x64, "list_interfaces"],
  [0x65, "register_session"],
  [0x66, "unregister_session"],
  [0x6f, "send_rr_data"],
  [0x70, "send_unit_data"],
]);
const listIdentity = 0x63;
const registerSession = 0x65;
const unregisterSession = 0x66;
const identityItem = 0x0c;
/** Of an identity: socket address (16) and the numbers before the product's name. */
const nameInIdentity = 32;
const maxItems = 16;
const statuses = [0, 1, 2, 3, 0x64, 0x65, 0x69];

export function isEnipFirst(byte: number): boolean {
  return byte === 0x04 || (byte >= 0x63 && byte <= 0x66) || byte === 0x6f || byte === 0x70;
}

/** Whether items of the common packet format lie at `at` and fill `[at, end)`. */
function areItems(bytes: Uint8Array, at: number, end: number): boolean {
  const count = u16LittleAt(bytes, at);
  if (count < 1 || count > maxItems) return false;
  let next = at + 2;
  for (let index = 0; index < count; index++) {
    if (next + 4 > end || next + 4 > bytes.length) return next + 4 > bytes.length && end > bytes.length;
    next += 4 + u16LittleAt(bytes, next + 2);
  }
  return next === end;
}

/** Whether the command's own fields are what it demands. */
function fits(bytes: Uint8Array, length: number): boolean {
  const command = u16LittleAt(bytes, 0);
  const end = headerLength + length;
  if (command === unregisterSession) return length === 0;
  if (command === registerSession) {
    // Protocol version 1, no options.
    return length === 4 && u32LittleAt(bytes, headerLength) === 1;
  }
  // Interface handle 0 is CIP; then a timeout.
  if (command >= 0x6f) return u32LittleAt(bytes, headerLength) === 0 && areItems(bytes, headerLength + 6, end);
  return length === 0 || areItems(bytes, headerLength, end);
}

export function probeEnip(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 1 && bytes[1] !== 0) return "no";
  const isShort = context.last || context.transport === "udp";
  if (bytes.length < headerLength) return undecided(isShort);
  const length = u16LittleAt(bytes, 2);
  if (!commands.has(bytes[0]!) || u32LittleAt(bytes, 20) !== 0) return "no";
  if (!statuses.includes(u32LittleAt(bytes, 8)) || length > 4096) return "no";
  if (bytes.length < headerLength + length) return undecided(isShort);
  if (bytes.length > headerLength + length && context.transport === "udp") return "no";
  if (!fits(bytes, length)) return "no";
  if (context.serverPort === port || context.clientPort === port) return "yes";
  // Elsewhere nothing may be left over, and a header of zeros is not enough.
  return length > 0 && bytes.length === headerLength + length ? "yes" : "no";
}

export function parseEnip(bytes: Uint8Array, context: DissectContext): Verdict {
  const command = commands.get(u16LittleAt(bytes, 0));
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (command === undefined) return { kind: "notMine" };
  const enip: Record<string, unknown> = { command };
  const item = headerLength + 2;
  if (bytes[0] === listIdentity && u16LittleAt(bytes, item) === identityItem && !context.toServer) {
    const at = item + 4;
    const length = bytes[at + nameInIdentity] ?? 0;
    if (bytes.length > at + nameInIdentity + length) {
      enip["vendor_id"] = u16LittleAt(bytes, at + 18);
      enip["revision"] = `${bytes[at + 24]!}.${bytes[at + 25]!}`;
      enip["product_name"] = escapeControls(
        asciiText(bytes, at + nameInIdentity + 1, at + nameInIdentity + 1 + length, 64),
      );
    }
  }
  return { kind: "match", name: "enip", facts: { enip }, complete: !context.toServer };
}

export function isEnipIoFirst(byte: number): boolean {
  return byte === 2 || byte === 3;
}

/** Chapter 2-6.2.2 and 3-3: a sequenced (0x8002) or connected (0x00A1) address item, then connected data. */
export function probeEnipIo(bytes: Uint8Array): Likeness {
  const type = u16LittleAt(bytes, 2);
  const length = u16LittleAt(bytes, 4);
  const isAddress = (type === 0x8002 && length === 8) || (type === 0xa1 && length === 4);
  if (!isAddress || u16LittleAt(bytes, 6 + length) !== 0xb1) return "no";
  return areItems(bytes, 0, bytes.length) ? "yes" : "no";
}

export function parseEnipIo(bytes: Uint8Array): Verdict {
  if (probeEnipIo(bytes) !== "yes") return { kind: "notMine" };
  return { kind: "match", name: "enip", facts: { enip: { command: "io" } }, complete: true };
}
