/** Bytes of messages, written as their specifications draw them. */
type Part = number | string | Uint8Array | readonly Part[];

/** Joins parts: a number is one byte, a string its Latin-1 characters. */
export function bytesOf(...parts: readonly Part[]): Uint8Array {
  const out: number[] = [];
  const add = (part: Part): void => {
    if (typeof part === "number") out.push(part & 0xff);
    else if (typeof part === "string") for (const character of part) out.push(character.charCodeAt(0) & 0xff);
    else if (part instanceof Uint8Array) out.push(...part);
    else part.forEach(add);
  };
  parts.forEach(add);
  return Uint8Array.from(out);
}

/** Big-endian numbers. */
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
export const u24 = (value: number): Uint8Array => Uint8Array.of(value >> 16, value >> 8, value);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >> 16, value >> 8, value);
/** Little-endian numbers. */
export const u16le = (value: number): Uint8Array => u16(value).reverse();
export const u32le = (value: number): Uint8Array => u32(value).reverse();

/** A part behind its length in 1, 2 or 3 bytes. */
export function prefixed(width: 1 | 2 | 3 | 4, ...parts: readonly Part[]): Uint8Array {
  const body = bytesOf(...parts);
  const length = width === 1 ? body.length : [u16, u24, u32][width - 2]!(body.length);
  return bytesOf(length, body);
}

/** A DNS name without compression. */
export function dnsName(name: string): Uint8Array {
  return bytesOf(...name.split(".").map((label) => prefixed(1, label)), 0);
}

export interface HelloOptions {
  readonly name?: string;
  readonly alpns?: readonly string[];
  readonly versions?: readonly number[];
  readonly ciphers?: readonly number[];
  readonly extensions?: readonly Uint8Array[];
  readonly sessionId?: Uint8Array;
}

export const extension = (type: number, ...parts: readonly Part[]): Uint8Array =>
  bytesOf(u16(type), prefixed(2, ...parts));

/** A ClientHello message, without record. */
export function clientHello(options: HelloOptions): Uint8Array {
  const { name, alpns, versions, ciphers = [0x1301, 0xc02f], extensions = [], sessionId = new Uint8Array(0) } = options;
  const all: Uint8Array[] = [];
  if (name !== undefined) all.push(extension(0, prefixed(2, 0, prefixed(2, name))));
  if (alpns !== undefined) all.push(extension(16, prefixed(2, ...alpns.map((alpn) => prefixed(1, alpn)))));
  if (versions !== undefined) all.push(extension(43, prefixed(1, ...versions.map(u16))));
  const random = new Uint8Array(32).fill(7);
  const body = bytesOf(u16(0x0303), random, prefixed(1, sessionId), prefixed(2, ...ciphers.map(u16)), [1, 0]);
  return bytesOf(1, prefixed(3, body, prefixed(2, ...all, ...extensions)));
}

/** A ServerHello message, without record. */
export function serverHello(cipher: number, sessionId: Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array {
  const random = new Uint8Array(32).fill(9);
  return bytesOf(
    2,
    prefixed(3, u16(0x0303), random, prefixed(1, sessionId), u16(cipher), 0, prefixed(2, ...extensions)),
  );
}

/** A TLS record. */
export function record(type: number, fragment: Uint8Array): Uint8Array {
  return bytesOf(type, 3, 3, prefixed(2, fragment));
}
