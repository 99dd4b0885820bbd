/**
 * HSRP: group, state and priority of a router. No passwords.
 *
 * RFC 2281 section 5.1 (version 1); version 2 as Cisco's configuration guide for it describes its groups and timers.
 *
 *   version 1 = 0(1) op(1: 0-2) state(1: 0 1 2 4 8 16) hello(1) hold(1) priority(1) group(1) 0(1) authentication(8) address(4)
 *   version 2 = 1(1) 40(1) 2(1) op(1) state(1: 0-6) 4|6(1) group(2) router(6) priority(4) hello(4 ms) hold(4 ms) address(16)
 *
 * Evidence: values that exist and hold longer than hello; too little for any port but its own.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ports = [1985, 2029];
const length1 = 20;
const groupState = 1;
const length2 = 42;
const operations = ["hello", "coup", "resign", "advertise"];
const states1: ReadonlyMap<number, string> = new Map([
  [0, "initial"],
  [1, "learn"],
  [2, "listen"],
  [4, "speak"],
  [8, "standby"],
  [16, "active"],
]);
const states2 = ["disabled", "initial", "learn", "listen", "speak", "standby", "active"];

export function isHsrpFirst(byte: number): boolean {
  return byte === 0 || byte === groupState;
}

export function probeHsrp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!ports.includes(context.serverPort)) return "no";
  if (bytes[0] === groupState) {
    const isFamily = bytes[5] === 4 || bytes[5] === 6;
    const fits = bytes.length >= length2 && bytes[1] === 40 && bytes[2] === 2 && isFamily;
    return fits && bytes[3]! < operations.length && bytes[4]! < states2.length ? "yes" : "no";
  }
  // An advertisement (op 3) has the form of Cisco alone.
  if (bytes.length < length1 || bytes[0] !== 0 || bytes[1]! > 2 || bytes[7] !== 0) return "no";
  return states1.has(bytes[2]!) && bytes[4]! >= bytes[3]! && bytes[3]! > 0 ? "yes" : "no";
}

export function parseHsrp(bytes: Uint8Array): Verdict {
  if (bytes.length < length1) return { kind: "notMine" };
  const isSecond = bytes[0] === groupState && bytes.length >= length2;
  const hsrp = isSecond
    ? {
        version: 2,
        operation: operations[bytes[3]!] ?? "unknown",
        state: states2[bytes[4]!] ?? "unknown",
        group: u16At(bytes, 6),
        priority: u32At(bytes, 14),
      }
    : {
        version: 1,
        operation: operations[bytes[1]!] ?? "unknown",
        state: states1.get(bytes[2]!) ?? "unknown",
        group: bytes[6]!,
        priority: bytes[5]!,
      };
  return { kind: "match", name: "hsrp", facts: { hsrp }, complete: false };
}
