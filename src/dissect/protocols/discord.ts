/**
 * Discord's voice connections: that one begins. (What follows is SRTP.)
 *
 * Discord's developer documentation, "Voice Connections", section "IP Discovery".
 *
 *   type(2: 1 request, 2 response) 70(2) source(4) address(64: text, then NULs) port(2)
 *   keep-alive = 0x1337CAFE count(4, little-endian), as its clients send between
 *
 * Evidence: these 74 bytes, of a request an empty address, of a response an IPv4 or IPv6 address in text; or a keep-alive.
 */
import { asciiText, indexOfByte, u16At, u32At } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

const length = 74;
const stated = 70;
const addressAt = 8;
const addressEnd = 72;
const keepAlive = 0x1337_cafe;
const keepAliveLength = 8;
const request = 1;
const response = 2;

export function isDiscordFirst(byte: number): boolean {
  return byte === 0 || byte === 0x13;
}

const isKeepAlive = (bytes: Uint8Array): boolean => bytes.length === keepAliveLength && u32At(bytes, 0) === keepAlive;

function isEmpty(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

export function probeDiscord(bytes: Uint8Array): Likeness {
  if (isKeepAlive(bytes)) return "yes";
  if (bytes.length !== length || u16At(bytes, 2) !== stated || u32At(bytes, 4) === 0) return "no";
  const type = u16At(bytes, 0);
  if (type === request) return isEmpty(bytes, addressAt, addressEnd) ? "yes" : "no";
  const end = indexOfByte(bytes, 0, addressAt, addressEnd);
  if (type !== response || end < 0 || !isEmpty(bytes, end, addressEnd)) return "no";
  const text = asciiText(bytes, addressAt, end);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[0-9a-f:]+:[0-9a-f:.]*$/i.test(text) ? "yes" : "no";
}

export function parseDiscord(bytes: Uint8Array): Verdict {
  if (probeDiscord(bytes) !== "yes") return { kind: "notMine" };
  if (isKeepAlive(bytes)) {
    return { kind: "match", name: "discord", facts: { discord: { message: "keep_alive" } }, complete: false };
  }
  const facts = { discord: { message: "ip_discovery" } };
  return { kind: "match", name: "discord", facts, complete: u16At(bytes, 0) === response };
}
