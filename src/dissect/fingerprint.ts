/**
 * Fingerprints of TLS handshakes, by their public specifications. JA3 and JA3S: lists of decimal numbers, MD5.
 * JA4 (the TLS client part only: the rest of the family is not under a free licence): readable head, then the first 12
 * hexadecimal digits of SHA-256 over the sorted cipher suites and over the sorted extensions with the signature algorithms.
 */
import { toHex } from "../bytes/index.ts";
import { extensionType, isGrease } from "./tls-handshake.ts";
import type { ClientHello, ServerHello } from "./tls-handshake.ts";
import type { Cryptography } from "./verdict.ts";

function decimals(values: readonly number[]): string {
  return values.filter((value) => !isGrease(value)).join("-");
}

/** Fingerprints of one ClientHello. */
export interface ClientFingerprints {
  readonly ja3: string;
  readonly ja4: string;
}

/** ClientHellos whose fingerprints are kept: clients are few, and each says the same again and again. */
const keptAtMost = 1024;
const kept = new WeakMap<Cryptography, Map<string, ClientFingerprints>>();
const keptServers = new WeakMap<Cryptography, Map<string, string>>();

/** Numbers of 16 bits as text, behind how many they are: different lists never give the same text. */
function packed(values: readonly number[]): string {
  return String.fromCharCode(values.length, ...values);
}

/** Everything that the fingerprints depend on, as text. */
function fingerprinted(hello: ClientHello, carrier: string): string {
  const { firstAlpn } = hello;
  const alpn = firstAlpn === undefined || firstAlpn.length === 0 ? "" : ja4Alpn(firstAlpn);
  return (
    carrier +
    (hello.hasServerName ? "d" : "i") +
    String.fromCharCode(hello.legacyVersion, alpn.length) +
    alpn +
    packed(hello.cipherSuites) +
    packed(hello.extensions) +
    packed(hello.supportedGroups) +
    packed(hello.pointFormats) +
    packed(hello.signatureAlgorithms) +
    packed(hello.supportedVersions)
  );
}

/** JA3 and JA4 of a ClientHello that came over `carrier`; of one like an earlier one they are known. */
export function clientFingerprints(
  hello: ClientHello,
  carrier: "t" | "q" | "d",
  crypto: Cryptography,
): ClientFingerprints {
  let known = kept.get(crypto);
  if (known === undefined) kept.set(crypto, (known = new Map()));
  const key = fingerprinted(hello, carrier);
  let found = known.get(key);
  if (found === undefined) {
    found = { ja3: ja3(hello, crypto), ja4: ja4(hello, carrier, crypto) };
    if (known.size >= keptAtMost) known.clear();
    known.set(key, found);
  }
  return found;
}

/** MD5 of "version,ciphers,extensions,groups,point formats", GREASE left out. */
export function ja3(hello: ClientHello, crypto: Cryptography): string {
  const { legacyVersion, cipherSuites, extensions, supportedGroups, pointFormats } = hello;
  const lists = [cipherSuites, extensions, supportedGroups].map(decimals);
  return crypto.md5Hex(`${legacyVersion},${lists.join(",")},${pointFormats.join("-")}`);
}

/** MD5 of "version,cipher,extensions". */
export function ja3s(hello: ServerHello, crypto: Cryptography): string {
  let known = keptServers.get(crypto);
  if (known === undefined) keptServers.set(crypto, (known = new Map()));
  const text = `${hello.legacyVersion},${hello.cipherSuite},${hello.extensions.join("-")}`;
  let found = known.get(text);
  if (found === undefined) {
    found = crypto.md5Hex(text);
    if (known.size >= keptAtMost) known.clear();
    known.set(text, found);
  }
  return found;
}

const ja4Versions: ReadonlyMap<number, string> = new Map([
  [0x0002, "s2"],
  [0x0300, "s3"],
  [0x0301, "10"],
  [0x0302, "11"],
  [0x0303, "12"],
  [0x0304, "13"],
  [0xfeff, "d1"],
  [0xfefd, "d2"],
  [0xfefc, "d3"],
]);

function ja4Version(hello: ClientHello): string {
  const offered = hello.supportedVersions.filter((version) => !isGrease(version));
  // DTLS counts downwards: 0xfefd (1.2) is newer than 0xfeff (1.0).
  const newest = hello.legacyVersion >= 0xfe00 ? Math.min : Math.max;
  return ja4Versions.get(offered.length > 0 ? newest(...offered) : hello.legacyVersion) ?? "00";
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function ja4Alpn(name: Uint8Array | undefined): string {
  const first = name?.[0];
  const last = name?.at(-1);
  if (name === undefined || first === undefined || last === undefined) return "00";
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  const hex = toHex(name);
  return hex[0]! + hex.at(-1)!;
}

function hexadecimals(values: readonly number[]): string[] {
  return values.map((value) => value.toString(16).padStart(4, "0"));
}

const noHash = "000000000000";

function hash12(text: string, crypto: Cryptography): string {
  return text === "" ? noHash : crypto.sha256Hex(text).slice(0, 12);
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, "0");
}

/** JA4 of a ClientHello that came over `carrier`: "t" TCP, "q" QUIC, "d" DTLS. */
export function ja4(hello: ClientHello, carrier: "t" | "q" | "d", crypto: Cryptography): string {
  const ciphers = hello.cipherSuites.filter((value) => !isGrease(value));
  const extensions = hello.extensions.filter((value) => !isGrease(value));
  const hashed = extensions.filter((type) => type !== extensionType.serverName && type !== extensionType.alpn);
  const algorithms = hello.signatureAlgorithms.filter((value) => !isGrease(value));
  const head =
    carrier +
    ja4Version(hello) +
    (hello.hasServerName ? "d" : "i") +
    twoDigits(ciphers.length) +
    twoDigits(extensions.length) +
    ja4Alpn(hello.firstAlpn);
  const sortedExtensions = hexadecimals(hashed).sort().join(",");
  const tail = algorithms.length === 0 ? sortedExtensions : `${sortedExtensions}_${hexadecimals(algorithms).join(",")}`;
  const extensionHash = extensions.length === 0 ? noHash : hash12(tail, crypto);
  return `${head}_${hash12(hexadecimals(ciphers).sort().join(","), crypto)}_${extensionHash}`;
}
