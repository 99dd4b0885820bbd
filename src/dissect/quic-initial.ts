/**
 * Keys of QUIC's Initial packets and how to open one: RFC 9001 sections 5.2 to 5.4, RFC 9369 section 3.3.
 */
import type { ByteReader } from "../bytes/index.ts";
import type { QuicVersion } from "./quic-versions.ts";
import type { Cryptography } from "./verdict.ts";

/** Keys of the packets that the client sends to the server. */
export interface InitialKeys {
  readonly version: QuicVersion;
  /** The connection id they follow from. */
  readonly destination: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerProtection: Uint8Array;
}

const sampleLength = 16;
const tagLength = 16;
/** RFC 9001 section 5.4.2: the sample is taken as if the number had 4 bytes. */
const sampleOffset = 4;

/** Variable-length integer, RFC 9000 section 16; -1 when it does not fit. */
export function readVarint(reader: ByteReader): number {
  const first = reader.u8();
  if (first < 0) return -1;
  const value = first & 0x3f;
  switch (first >> 6) {
    case 0:
      return value;
    case 1: {
      const low = reader.u8();
      return low < 0 ? -1 : value * 0x100 + low;
    }
    case 2: {
      const low = reader.u24();
      return low < 0 ? -1 : value * 0x100_0000 + low;
    }
    default: {
      const middle = reader.u24();
      const low = reader.u32();
      return low < 0 ? -1 : (value * 0x100_0000 + middle) * 0x1_0000_0000 + low;
    }
  }
}

/** Keys for `destination`, the id that the client put into its first packet (or got by a Retry). */
export function deriveClientInitial(version: QuicVersion, destination: Uint8Array, crypto: Cryptography): InitialKeys {
  const initial = crypto.hkdfExtractSha256(version.salt, destination);
  const secret = crypto.hkdfExpandLabelSha256(initial, "client in", 32);
  return {
    version,
    destination: destination.slice(),
    key: crypto.hkdfExpandLabelSha256(secret, `${version.label} key`, 16),
    iv: crypto.hkdfExpandLabelSha256(secret, `${version.label} iv`, 12),
    headerProtection: crypto.hkdfExpandLabelSha256(secret, `${version.label} hp`, 16),
  };
}

/**
 * Takes header protection off and opens the packet, which must be whole; `numberOffset` is where its packet number
 * begins. Undefined when it was not sealed with these keys. `packet` stays as it is.
 */
export function openInitial(
  packet: Uint8Array,
  numberOffset: number,
  keys: InitialKeys,
  crypto: Cryptography,
): Uint8Array | undefined {
  const sampleStart = numberOffset + sampleOffset;
  if (sampleStart + sampleLength > packet.length) return undefined;
  const mask = crypto.aes128EcbBlock(keys.headerProtection, packet.subarray(sampleStart, sampleStart + sampleLength));
  const first = packet[0]! ^ (mask[0]! & 0x0f);
  const numberLength = (first & 3) + 1;
  const sealedStart = numberOffset + numberLength;
  if (packet.length - sealedStart < tagLength) return undefined;
  const header = packet.slice(0, sealedStart);
  header[0] = first;
  const nonce = keys.iv.slice();
  for (let index = 0; index < numberLength; index++) {
    header[numberOffset + index]! ^= mask[1 + index]!;
    // Numbers of Initial packets stay small: the bytes sent are the whole number.
    nonce[nonce.length - numberLength + index]! ^= header[numberOffset + index]!;
  }
  return crypto.aes128GcmOpen(keys.key, nonce, header, packet.subarray(sealedStart));
}
