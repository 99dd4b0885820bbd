/**
 * Frames of AMQP, for streams that were joined behind the protocol header.
 *
 * AMQP 0-9-1 sections 4.2.3 (frames), 4.2.5.2 (content header), 1 (classes and methods); OASIS AMQP 1.0 part 2 section 2.3.1
 * (frames), 2.7 (performatives), part 5 section 5.3.3 (SASL).
 *
 *   0-9-1 = type(1) channel(2) size(4) payload 0xCE;  method = class(2) method(2) arguments;  header = class(2) 0(2) size(8) flags(2)
 *   1.0   = size(4) data_offset(1: in words, 2 or more) type(1) channel(2) 0x00 0x53 performative(1) list
 */
import { u16At, u32At } from "../../bytes/index.ts";

const kind = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
const frameHeader = 7;
const frameEnd = 0xce;
const largestFrame = 1 << 24;
const basic = 60;

/** Classes and their methods; 0-8's `access` among them, and what RabbitMQ added. */
const classes: ReadonlyMap<number, readonly [name: string, methods: ReadonlyMap<number, string>]> = new Map([
  [
    10,
    named(
      "connection",
      "10 start 11 start-ok 20 secure 21 secure-ok 30 tune 31 tune-ok 40 open 41 open-ok 50 close 51 close-ok 60 blocked 61 unblocked 70 update-secret 71 update-secret-ok",
    ),
  ],
  [20, named("channel", "10 open 11 open-ok 20 flow 21 flow-ok 40 close 41 close-ok")],
  [30, named("access", "10 request 11 request-ok")],
  [40, named("exchange", "10 declare 11 declare-ok 20 delete 21 delete-ok 30 bind 31 bind-ok 40 unbind 51 unbind-ok")],
  [
    50,
    named(
      "queue",
      "10 declare 11 declare-ok 20 bind 21 bind-ok 30 purge 31 purge-ok 40 delete 41 delete-ok 50 unbind 51 unbind-ok",
    ),
  ],
  [
    60,
    named(
      "basic",
      "10 qos 11 qos-ok 20 consume 21 consume-ok 30 cancel 31 cancel-ok 40 publish 50 return 60 deliver 70 get 71 get-ok 72 get-empty 80 ack 90 reject 100 recover-async 110 recover 111 recover-ok 120 nack",
    ),
  ],
  [85, named("confirm", "10 select 11 select-ok")],
  [90, named("tx", "10 select 11 select-ok 20 commit 21 commit-ok 30 rollback 31 rollback-ok")],
]);

function named(name: string, methods: string): readonly [string, ReadonlyMap<number, string>] {
  const words = methods.split(" ");
  const pairs = words.flatMap((word, index) => (index % 2 === 0 ? [[Number(word), words[index + 1]!] as const] : []));
  return [name, new Map(pairs)];
}

/** "basic.publish", of the method frame at `at`; undefined when there is none. */
export function methodAt(bytes: Uint8Array, at: number): string | undefined {
  if (bytes[at] !== kind.method || bytes.length < at + frameHeader + 4) return undefined;
  const found = classes.get(u16At(bytes, at + frameHeader));
  const method = found?.[1].get(u16At(bytes, at + frameHeader + 2));
  return found === undefined || method === undefined ? undefined : `${found[0]}.${method}`;
}

/** Length of the 0-9-1 frame at `at` with its end; -1: there can be none, -2: too few bytes to tell. */
export function frameLength(bytes: Uint8Array, at: number): number {
  const type = bytes[at];
  if (type !== kind.method && type !== kind.header && type !== kind.body && type !== kind.heartbeat) return -1;
  if (bytes.length < at + frameHeader + 1) return -2;
  const size = u32At(bytes, at + 3);
  const end = at + frameHeader + size;
  if (size >= largestFrame || (end < bytes.length && bytes[end] !== frameEnd)) return -1;
  if (type === kind.heartbeat) return size === 0 && u16At(bytes, at + 1) === 0 ? frameHeader + 1 : -1;
  if (type === kind.body) return size > 0 ? frameHeader + size + 1 : -1;
  if (bytes.length < at + frameHeader + 4) return -2;
  if (type === kind.method) return size >= 4 && methodAt(bytes, at) !== undefined ? frameHeader + size + 1 : -1;
  const isHeader = u16At(bytes, at + frameHeader) === basic && u16At(bytes, at + frameHeader + 2) === 0;
  return isHeader && size >= 14 ? frameHeader + size + 1 : -1;
}

/** Whether a frame of AMQP 1.0 with a performative that exists begins the bytes: -2 when they are too few to tell. */
export function frame1Length(bytes: Uint8Array): number {
  if (bytes.length < 11) return -2;
  const size = u32At(bytes, 0);
  const type = bytes[5]!;
  if (size < 12 || size >= largestFrame || bytes[4] !== 2 || type > 1 || bytes[8] !== 0 || bytes[9] !== 0x53) return -1;
  const performative = bytes[10]!;
  const isKnown =
    type === 0 ? performative >= 0x10 && performative <= 0x18 : performative >= 0x40 && performative <= 0x44;
  return isKnown && (type === 0 || u16At(bytes, 6) === 0) ? size : -1;
}
