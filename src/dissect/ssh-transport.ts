/**
 * What SSH's transport shows of itself: which ciphers both sides agree on, and how long its shortest messages are under them.
 *
 * RFC 4253 sections 6 (binary packets), 6.3 and 6.4 (ciphers, MACs), 7.1 (KEXINIT, negotiation); RFC 5647 (AES-GCM); OpenSSH's
 * PROTOCOL (encrypt-then-MAC) and PROTOCOL.chacha20poly1305.
 *
 *   packet  = length(4) padding_length(1) payload padding(4 at the least, up to a whole block) [MAC]
 *   KEXINIT = 20 cookie(16) kex host_keys ciphers<c2s> ciphers<s2c> macs<c2s> macs<s2c> compressions<c2s> ... : lists with length(4)
 */
import { asciiText, equalBytes, u32At } from "../bytes/index.ts";

const cookieLength = 16;
const lists = 8;
/** The first of them, about keys, tell nothing of lengths. */
const keyLists = 2;
const longestList = 4096;
const leastPadding = 4;
/** The length field stays out of the blocks in the ciphers that authenticate, and when the MAC covers what was enciphered. */
const lengthField = 4;

/** What one side offers for each direction, in the order of its wishes. */
export interface KexOffer {
  readonly ciphers: readonly [toServer: readonly string[], toClient: readonly string[]];
  readonly macs: readonly [toServer: readonly string[], toClient: readonly string[]];
  readonly compressions: readonly [toServer: readonly string[], toClient: readonly string[]];
}

/** The lists of the KEXINIT whose payload begins at `at` (its message number); undefined when they are not all there. */
export function readKexInit(bytes: Uint8Array, at: number, end: number): KexOffer | undefined {
  const found: (readonly string[])[] = [];
  let before = 0;
  let next = at + 1 + cookieLength;
  for (let index = 0; index < lists; index++) {
    const length = u32At(bytes, next);
    if (length < 0 || length > longestList || next + 4 + length > Math.min(end, bytes.length)) return undefined;
    // The two directions are nearly always offered the same.
    const isAgain = index > keyLists && equalBytes(bytes, before, bytes, next, 4 + length);
    if (isAgain) found.push(found.at(-1)!);
    else if (index >= keyLists) found.push(asciiText(bytes, next + 4, next + 4 + length, longestList).split(","));
    before = next;
    next += 4 + length;
  }
  const [cipherOut, cipherIn, macOut, macIn, compressionOut, compressionIn] = found;
  return {
    ciphers: [cipherOut!, cipherIn!],
    macs: [macOut!, macIn!],
    compressions: [compressionOut!, compressionIn!],
  };
}

/** How packets of one direction are enciphered. */
export interface PacketForm {
  readonly block: number;
  readonly mac: number;
  readonly isLengthApart: boolean;
}

const macLengths: ReadonlyMap<string, number> = new Map([
  ["hmac-sha2-256", 32],
  ["hmac-sha2-512", 64],
  ["hmac-sha1", 20],
  ["hmac-sha1-96", 12],
  ["hmac-md5", 16],
  ["umac-64@openssh.com", 8],
  ["umac-128@openssh.com", 16],
  ["hmac-sha2-256-etm@openssh.com", 32],
  ["hmac-sha2-512-etm@openssh.com", 64],
  ["hmac-sha1-etm@openssh.com", 20],
  ["umac-64-etm@openssh.com", 8],
  ["umac-128-etm@openssh.com", 16],
]);

/** Section 7.1: the first of the client's wishes that the server has as well. */
const agreed = (wishes: readonly string[], offers: readonly string[]): string | undefined =>
  wishes.find((wish) => offers.includes(wish));

/** The form of a direction's packets (0: to the server), undefined when it is not known or compression hides lengths. */
export function packetForm(client: KexOffer, server: KexOffer, direction: 0 | 1): PacketForm | undefined {
  const cipher = agreed(client.ciphers[direction], server.ciphers[direction]) ?? "";
  // "zlib@openssh.com" begins once the user is known.
  if (agreed(client.compressions[direction], server.compressions[direction]) === "zlib") return undefined;
  if (cipher === "chacha20-poly1305@openssh.com") return { block: 8, mac: 16, isLengthApart: true };
  if (/^aes(?:128|256)-gcm@openssh\.com$/.test(cipher)) return { block: 16, mac: 16, isLengthApart: true };
  const block = /^aes(?:128|192|256)-(?:ctr|cbc)$/.test(cipher) ? 16 : cipher === "3des-cbc" ? 8 : 0;
  const macName = agreed(client.macs[direction], server.macs[direction]) ?? "";
  const mac = macLengths.get(macName);
  if (block === 0 || mac === undefined) return undefined;
  return { block, mac, isLengthApart: macName.includes("-etm@") };
}

/** Bytes on the wire of a packet with so long a payload and no more padding than it must have. */
export function packetLength({ block, mac, isLengthApart }: PacketForm, payload: number): number {
  const apart = isLengthApart ? lengthField : 0;
  const inside = (isLengthApart ? 0 : lengthField) + 1 + payload + leastPadding;
  return apart + Math.ceil(inside / block) * block + mac;
}
