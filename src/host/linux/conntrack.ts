/**
 * Reads address translations out of a connection tracking socket (include/uapi/linux/netfilter/nfnetlink_conntrack.h)
 * that `conntrack-socket.ts` opened. Never waits; reads when asked.
 */
import { formatAddress } from "../../model/index.ts";
import type { Translation, TranslationSource } from "../../model/index.ts";
import { MSG_DONTWAIT, walkAttributes, walkMessages } from "./netlink.ts";
import { closeDescriptor, receive } from "./system-calls.ts";

const NEW = 0x100;
const DELETE = 0x102;
const ENOBUFS = 105;
/** Messages read in one drain: what is left waits for the next. */
const MOST_MESSAGES = 20_000;

/** One direction of a connection, as offsets into the message; -1 and 0 where absent. */
interface Tuple {
  source: number;
  destination: number;
  addressLength: number;
  protocolNumber: number;
  sourcePort: number;
  destinationPort: number;
}

function readTuple(view: DataView, start: number, end: number, tuple: Tuple): void {
  walkAttributes(view, start, end, (part, partStart, partEnd) => {
    walkAttributes(view, partStart, partEnd, (type, at, stop) => {
      const length = stop - at;
      if (part === 1) {
        if (length !== (type <= 2 ? 4 : 16)) return;
        tuple.addressLength = length;
        if (type === 1 || type === 3) tuple.source = at;
        else if (type === 2 || type === 4) tuple.destination = at;
      } else if (part === 2) {
        if (type === 1 && length >= 1) tuple.protocolNumber = view.getUint8(at);
        else if (type === 2 && length >= 2) tuple.sourcePort = view.getUint16(at, false);
        else if (type === 3 && length >= 2) tuple.destinationPort = view.getUint16(at, false);
        // ICMP and ICMPv6 identifiers stand for both ports: an answer repeats them.
        else if ((type === 4 || type === 7) && length >= 2) {
          tuple.sourcePort = view.getUint16(at, false);
          tuple.destinationPort = tuple.sourcePort;
        }
      }
    });
  });
}

function sameAddress(bytes: Uint8Array, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (bytes[one + index] !== bytes[other + index]) return false;
  }
  return true;
}

const isWhole = (tuple: Tuple): boolean => tuple.source >= 0 && tuple.destination >= 0 && tuple.addressLength > 0;

const clear = (tuple: Tuple): void => {
  tuple.source = -1;
  tuple.destination = -1;
  tuple.addressLength = 0;
  tuple.protocolNumber = 0;
  tuple.sourcePort = 0;
  tuple.destinationPort = 0;
};

const emptyTuple = (): Tuple => ({
  source: -1,
  destination: -1,
  addressLength: 0,
  protocolNumber: 0,
  sourcePort: 0,
  destinationPort: 0,
});

/** Reads messages; the objects are reused from message to message. */
export class TranslationParser {
  readonly #original = emptyTuple();
  readonly #reply = emptyTuple();

  /** The translation that a message body at `[start, end)` tells of; undefined when nothing was translated. */
  parse(view: DataView, start: number, end: number, ended: boolean): Translation | undefined {
    const original = this.#original;
    const reply = this.#reply;
    clear(original);
    clear(reply);
    // Behind struct nfgenmsg.
    walkAttributes(view, start + 4, end, (type, at, stop) => {
      if (type === 1) readTuple(view, at, stop, original);
      else if (type === 2) readTuple(view, at, stop, reply);
    });
    if (!isWhole(original) || !isWhole(reply)) return undefined;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const isMirror =
      original.addressLength === reply.addressLength &&
      original.sourcePort === reply.destinationPort &&
      original.destinationPort === reply.sourcePort &&
      sameAddress(bytes, original.source, reply.destination, reply.addressLength) &&
      sameAddress(bytes, original.destination, reply.source, reply.addressLength);
    if (isMirror) return undefined;
    const side = (tuple: Tuple): Translation["original"] => ({
      source: formatAddress(bytes, tuple.source, tuple.addressLength),
      sourcePort: tuple.sourcePort,
      destination: formatAddress(bytes, tuple.destination, tuple.addressLength),
      destinationPort: tuple.destinationPort,
    });
    return { protocolNumber: original.protocolNumber, original: side(original), reply: side(reply), ended };
  }
}

export class ConntrackTranslations implements TranslationSource {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(65_536);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #parser = new TranslationParser();
  #overruns = 0;

  /** `fd`: a socket that `openConntrack` opened; it is closed with this object. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Times that the kernel had to drop events because they were not read in time. */
  get overruns(): number {
    return this.#overruns;
  }

  drain(sink: (translation: Translation) => void): void {
    for (let message = 0; message < MOST_MESSAGES; message++) {
      const length = receive(this.#fd, this.#buffer, MSG_DONTWAIT);
      if (length === -ENOBUFS) {
        this.#overruns++;
        continue;
      }
      if (length <= 0) return;
      walkMessages(this.#view, length, (type, start, end) => {
        const translation =
          type === NEW || type === DELETE ? this.#parser.parse(this.#view, start, end, type === DELETE) : undefined;
        if (translation !== undefined) sink(translation);
        return true;
      });
    }
  }

  close(): void {
    closeDescriptor(this.#fd);
  }
}
