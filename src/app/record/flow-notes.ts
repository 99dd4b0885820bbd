import type { BlockReferences } from "../../files/index.ts";
import type { Connection, ConnectionId, RecordedColumns } from "../../model/index.ts";
import { decode, Packet } from "../../wire/index.ts";

/** What a recording asks of the connection table. */
export interface ConnectionLookup {
  /** With `other` the second row of what crosses loopback. */
  connectionOf(packet: Packet, other?: boolean): Connection | undefined;
}

/** What is known of a flow whose frames were met, since the file began. */
interface Note {
  readonly row: Connection;
  /** The other end, when both are of this machine: it has a note of its own. */
  readonly other: Note | undefined;
  /** Block of the last look at the filter. */
  looked: number;
  matches: boolean;
  /** What its last record said: another record is due when one of these is no longer the same. */
  written: boolean;
  process: unknown;
  application: string | undefined;
  hostname: string | undefined;
}

/**
 * Finds the flow of each frame of a block, and whether the frame is wanted. Flows are noted once: who writes the file asks
 * which of them want a record.
 */
export class FlowNotes implements BlockReferences {
  readonly flows: Uint32Array;
  readonly keep: Uint8Array;
  readonly #lookup: ConnectionLookup;
  readonly #wanted: ((row: Connection) => boolean) | undefined;
  readonly #packet = new Packet();
  readonly #notes = new Map<ConnectionId, Note>();
  #due: Note[] = [];
  #block = 0;

  /** `capacity`: frames of a block at most. Without `wanted` all frames are. */
  constructor(capacity: number, lookup: ConnectionLookup, wanted?: (row: Connection) => boolean) {
    this.flows = new Uint32Array(capacity);
    this.keep = new Uint8Array(capacity).fill(1);
    this.#lookup = lookup;
    this.#wanted = wanted;
  }

  /** Fills `flows` and `keep` for the block. */
  mark(columns: RecordedColumns): void {
    const packet = this.#packet;
    this.#block++;
    let last: Note | undefined;
    /** Where the frame of `last` lies, when its tuple can be compared without decoding; else -1. */
    let lastAt = -1;
    for (let index = 0; index < columns.count; index++) {
      const { bytes, linkTypes, capturedLengths, wireLengths, offsets } = columns;
      const at = offsets[index]!;
      const isPlain = linkTypes[index] === ethernet && capturedLengths[index]! >= plainLength && isPlainIpv4(bytes, at);
      if (isPlain && lastAt >= 0 && last !== undefined && haveSameTuple(bytes, lastAt, at)) {
        this.flows[index] = last.row.id;
        this.keep[index] = last.matches ? 1 : 0;
        continue;
      }
      lastAt = -1;
      decode(linkTypes[index]!, bytes, capturedLengths[index]!, wireLengths[index]!, packet, offsets[index]);
      const row = this.#lookup.connectionOf(packet);
      if (row === undefined) {
        this.flows[index] = 0;
        this.keep[index] = this.#wanted === undefined ? 1 : 0;
        continue;
      }
      if (last === undefined || last.row !== row) last = this.#note(row);
      if (isPlain) lastAt = at;
      this.flows[index] = row.id;
      this.keep[index] = last.matches ? 1 : 0;
    }
  }

  #note(row: Connection): Note {
    let note = this.#notes.get(row.id);
    if (note === undefined) {
      const other = this.#lookup.connectionOf(this.#packet, true);
      note = newNote(row, other === undefined || other === row ? undefined : this.#other(other));
      this.#notes.set(row.id, note);
    }
    if (note.looked !== this.#block) {
      note.looked = this.#block;
      const { other } = note;
      const wanted = this.#wanted;
      note.matches = wanted === undefined || wanted(row) || (other !== undefined && wanted(other.row));
      if (note.matches && isDue(note)) this.#due.push(note);
      if (note.matches && other !== undefined && isDue(other)) this.#due.push(other);
    }
    return note;
  }

  #other(row: Connection): Note {
    let note = this.#notes.get(row.id);
    if (note === undefined) this.#notes.set(row.id, (note = newNote(row, undefined)));
    return note;
  }

  /** Rows that want a record before the block's frames: new ones, and those that have a new owner, protocol or name. */
  takeDue(): Connection[] {
    const due = this.#due;
    this.#due = [];
    for (const note of due) {
      note.written = true;
      note.process = note.row.process;
      note.application = note.row.application?.name;
      note.hostname = note.row.hostname;
    }
    return due.map((note) => note.row);
  }

  /** The row ended: returns true once if it has frames in the file, whose last record is now due. */
  end(row: Connection): boolean {
    const note = this.#notes.get(row.id);
    this.#notes.delete(row.id);
    return note?.written === true;
  }

  /** All rows with frames in the file. */
  *rows(): Generator<Connection> {
    for (const note of this.#notes.values()) if (note.written) yield note.row;
  }

  /** A new file holds no records yet. */
  restart(): void {
    for (const note of this.#notes.values()) note.written = false;
  }
}

/** LINKTYPE_ETHERNET. */
const ethernet = 1;
/** Ethernet, IPv4 without options, and ports. */
const plainLength = 14 + 20 + 4;

/** Whole TCP and UDP over IPv4 without options: what most frames are, and whose tuple is at fixed places. */
function isPlainIpv4(bytes: Uint8Array, at: number): boolean {
  const protocol = bytes[at + 23];
  return (
    bytes[at + 12] === 0x08 &&
    bytes[at + 13] === 0 &&
    bytes[at + 14] === 0x45 &&
    (protocol === 6 || protocol === 17) &&
    // Neither a fragment nor one with more to come.
    (bytes[at + 20]! & 0x3f) === 0 &&
    bytes[at + 21] === 0
  );
}

/** Frames of one flow follow each other: the same protocol, addresses and ports, in the same direction. */
function haveSameTuple(bytes: Uint8Array, one: number, other: number): boolean {
  if (bytes[one + 23] !== bytes[other + 23]) return false;
  for (let index = 26; index < plainLength; index++) {
    if (bytes[one + index] !== bytes[other + index]) return false;
  }
  return true;
}

const newNote = (row: Connection, other: Note | undefined): Note => ({
  row,
  other,
  looked: -1,
  matches: true,
  written: false,
  process: undefined,
  application: undefined,
  hostname: undefined,
});

const isDue = (note: Note): boolean =>
  !note.written ||
  note.process !== note.row.process ||
  note.application !== note.row.application?.name ||
  note.hostname !== note.row.hostname;
