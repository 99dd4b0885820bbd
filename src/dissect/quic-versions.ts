import { fromHex } from "../bytes/index.ts";

/** What differs between versions of QUIC as far as Initial packets go. */
export interface QuicVersion {
  readonly name: string;
  readonly salt: Uint8Array;
  /** Prefix of the HKDF labels of packet protection. */
  readonly label: "quic" | "quicv2";
  /** Packet types of the long header. */
  readonly initialType: number;
  readonly retryType: number;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${hex}`);
  return bytes;
}

/** RFC 9001 section 5.2. */
const salt1 = bytesOf("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
/** RFC 9369 section 3.3.1. */
const salt2 = bytesOf("0dede3def700a6db819381be6e269dcbf9bd2ed9");
/** draft-ietf-quic-tls-29 section 5.2; in use up to draft 32. */
const salt29 = bytesOf("afbfec289993d24c9e9786f19c6111e04390a899");

function draft(number: number, salt: Uint8Array): [number, QuicVersion] {
  return [0xff000000 + number, { name: `draft-${number}`, salt, label: "quic", initialType: 0, retryType: 3 }];
}

const versions: ReadonlyMap<number, QuicVersion> = new Map([
  [0x00000001, { name: "1", salt: salt1, label: "quic", initialType: 0, retryType: 3 }],
  [0x6b3343cf, { name: "2", salt: salt2, label: "quicv2", initialType: 1, retryType: 0 }],
  draft(29, salt29),
  draft(30, salt29),
  draft(31, salt29),
  draft(32, salt29),
  draft(33, salt1),
  draft(34, salt1),
]);

/** The version with this number, or undefined when it is not known. */
export function quicVersion(number: number): QuicVersion | undefined {
  return versions.get(number);
}
