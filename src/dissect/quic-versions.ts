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
  /** Frames as Google's own versions had them: CRYPTO is 8, PING 7. */
  readonly googleFrames?: true;
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

/** draft-ietf-quic-tls-23 section 5.2; in use up to draft 28, and draft-ietf-quic-tls-21 before it. */
const salt23 = bytesOf("c3eef712c72ebb5a11a7d2432bb46365bef9f502");
const salt21 = bytesOf("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a");
/** QUICHE's versions between Google's QUIC and the IETF's. */
const saltQ050 = bytesOf("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45");
const saltT050 = bytesOf("7ff579e5acd072915580304c43a2367c60488310");
const saltT051 = bytesOf("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d");

function draft(number: number, salt: Uint8Array): [number, QuicVersion] {
  return [0xff000000 + number, { name: `draft-${number}`, salt, label: "quic", initialType: 0, retryType: 3 }];
}

function google(name: string, number: number, salt: Uint8Array): [number, QuicVersion] {
  return [number, { name, salt, label: "quic", initialType: 0, retryType: 3, googleFrames: true }];
}

/** Facebook's mvfst, which numbers its own versions. */
function mvfst(last: number, salt: Uint8Array): [number, QuicVersion] {
  const name = `mvfst-${last.toString(16)}`;
  return [0xfaceb000 + last, { name, salt, label: "quic", initialType: 0, retryType: 3 }];
}

const versions: ReadonlyMap<number, QuicVersion> = new Map([
  [0x00000001, { name: "1", salt: salt1, label: "quic", initialType: 0, retryType: 3 }],
  [0x6b3343cf, { name: "2", salt: salt2, label: "quicv2", initialType: 1, retryType: 0 }],
  // The long header has had its form since draft 22.
  draft(22, salt21),
  ...[23, 24, 25, 26, 27, 28].map((number) => draft(number, salt23)),
  draft(29, salt29),
  draft(30, salt29),
  draft(31, salt29),
  draft(32, salt29),
  draft(33, salt1),
  draft(34, salt1),
  google("Q050", 0x51303530, saltQ050),
  google("T050", 0x54303530, saltT050),
  google("T051", 0x54303531, saltT051),
  mvfst(0x01, salt21),
  ...[0x02, 0x0e, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15].map((last) => mvfst(last, salt23)),
  // Other numbers of version 1.
  mvfst(0x03, salt1),
  mvfst(0x04, salt1),
]);

/** RFC 9000 section 15: numbers of the form 0x?a?a?a?a are no version, and make the other side name its own. */
export function isReservedVersion(number: number): boolean {
  return (number & 0x0f0f0f0f) === 0x0a0a0a0a;
}

/** The version with this number, or undefined when it is not known. */
export function quicVersion(number: number): QuicVersion | undefined {
  return versions.get(number);
}
