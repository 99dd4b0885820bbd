import type { BlockReferences } from "../../files/index.ts";
import type { Connection, ConnectionId, RecordedColumns } from "../../model/index.ts";
import { decode, Packet } from "../../wire/index.ts";
import { ethernet, hasTuple, TupleNotes } from "./tuple-notes.ts";

/** What a recording asks of the connection table. */
export interface ConnectionLookup {
  /** With `other` the second row of what crosses loopback. */
  connectionOf(packet: Packet, other?: boolean): Connection | undefined;
}

/** Whether a flow's frames are recorded; `open`: nobody can tell yet. */
export interface Wanted {
  decide(row: Connection): "yes" | "no" | "open";
  /** What holds when nobody will tell. */
  matches(row: Connection): boolean;
}

/**
 * Frames whose flow is not in the connection table yet: it may hear of a flow a moment after its first frame. They are held
 * as of one of these two flows, taking turns each second, so that each is held for one to two seconds.
 */
export const strangers = [0xffff_fffe, 0xffff_ffff] as const;

const strangersPatience = 1000;

/** How long frames of an open flow are held, and how many bytes of one flow. */
export const patience = { milliseconds: 10_000, bytes: 256 << 10 } as const;

/** What is known of a flow whose frames were met, since the file began. */
interface Note {
  /** The row's: what is read for each frame is in the note itself. */
  readonly id: ConnectionId;
  readonly row: Connection;
  /** The other end, when both are of this machine: it has a note of its own. */
  readonly other: Note | undefined;
  /** Block of the last look at the filter. */
  looked: number;
  matches: boolean;
  /** Its frames are held. */
  open: boolean;
  /** It was open for as long as may be: what holds is what matches now. */
  gaveUp: boolean;
  /** When it was first open, and bytes of its frames that are held. */
  openSince: number;
  heldBytes: number;
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
  /** 1: the frame is not kept yet, it is to be held. */
  readonly hold: Uint8Array;
  /** Frames of the block whose flow nobody knows yet. */
  strangers = 0;
  readonly #lookup: ConnectionLookup;
  readonly #wanted: Wanted | undefined;
  readonly #packet = new Packet();
  readonly #tuples = new TupleNotes<Note>();
  readonly #notes = new Map<ConnectionId, Note>();
  readonly #open = new Set<Note>();
  #due: Note[] = [];
  #settled = newSettled();
  #block = 0;
  #hasBegun = false;
  // A time is a number that is none of 31 bits from the beginning: else all that is compiled for this class is compiled again.
  #now = -Infinity;
  /** Which of the strangers frames are held as of, and since when. */
  #turn: 0 | 1 = 0;
  #turnedAt = -Infinity;

  /** `capacity`: frames of a block at most. Without `wanted` all frames are. */
  constructor(capacity: number, lookup: ConnectionLookup, wanted?: Wanted) {
    this.flows = new Uint32Array(capacity);
    this.keep = new Uint8Array(capacity).fill(1);
    this.hold = new Uint8Array(capacity);
    this.#lookup = lookup;
    this.#wanted = wanted;
  }

  /** Begins a block of which frames are asked for one by one, by `flowOf`, before the others are marked. */
  begin(now: number): void {
    this.#hasBegun = true;
    this.#block++;
    this.#now = now;
    this.#tuples.clear();
  }

  /**
   * The flow of an Ethernet frame that begins at a word; 0: it is for `mark` to find. Only without a filter.
   */
  flowOf(bytes: Uint8Array, words: Int32Array, word: number, captured: number, wire: number): number {
    const known = this.#tuples.find(words, word);
    if (known !== undefined) return known.id;
    decode(ethernet, bytes, captured, wire, this.#packet, word * 4);
    const row = this.#lookup.connectionOf(this.#packet);
    if (row === undefined) return 0;
    const note = this.#note(row);
    this.#tuples.keep(note);
    return note.id;
  }

  /**
   * Fills `flows`, `keep` and `hold` for the block. `refresh` is asked to bring the connection table up to date when it does
   * not know a flow; false: it is.
   */
  mark(columns: RecordedColumns, now: number, refresh: () => boolean = () => false): void {
    const { count, words, linkTypes, capturedLengths, offsets } = columns;
    const tuples = this.#tuples;
    if (!this.#hasBegun) this.begin(now);
    this.#hasBegun = false;
    this.strangers = 0;
    for (let index = 0; index < count; index++) {
      const at = offsets[index]!;
      const captured = capturedLengths[index]!;
      const isPlain = hasTuple(linkTypes[index]!, captured, at);
      let note = isPlain ? tuples.find(words, at >>> 2) : undefined;
      if (note === undefined) {
        note = this.#find(columns, index, refresh);
        if (note !== undefined && isPlain) tuples.keep(note);
      }
      if (note === undefined) this.#markStranger(index, this.#packet.ipVersion !== 0);
      else this.#mark(index, note, captured);
    }
  }

  /** The long way: what the connection table says of the frame. */
  #find(columns: RecordedColumns, index: number, refresh: () => boolean): Note | undefined {
    const row = this.#rowOf(columns, index);
    if (row !== undefined) return this.#note(row);
    const later = this.#packet.ipVersion !== 0 && refresh() ? this.#lookup.connectionOf(this.#packet) : undefined;
    return later === undefined ? undefined : this.#note(later);
  }

  #rowOf(
    { bytes, linkTypes, capturedLengths, wireLengths, offsets }: RecordedColumns,
    index: number,
  ): Connection | undefined {
    decode(linkTypes[index]!, bytes, capturedLengths[index]!, wireLengths[index]!, this.#packet, offsets[index]);
    return this.#lookup.connectionOf(this.#packet);
  }

  #markStranger(index: number, mayBecomeKnown: boolean): void {
    // Where all frames are kept, a copy is held only to find out whose record the file lacks.
    this.keep[index] = this.#wanted === undefined ? 1 : 0;
    this.flows[index] = mayBecomeKnown && this.#wanted !== undefined ? strangers[this.#turn] : 0;
    this.hold[index] = mayBecomeKnown ? 1 : 0;
    if (mayBecomeKnown) this.strangers++;
  }

  /** What frames of flows that nobody knows are held as of now. */
  get stranger(): number {
    return strangers[this.#turn];
  }

  /**
   * The flow of a held frame that nobody knew when it came: 0, it is not wanted, or in the file already; `stranger`, it is
   * not known now either.
   * After `review`.
   */
  recognize(columns: RecordedColumns, index: number, stranger: number): number {
    const row = this.#rowOf(columns, index);
    if (row === undefined) return stranger;
    const note = this.#note(row);
    if (this.#wanted === undefined) return 0;
    if (note.matches) this.#settled.wanted.add(row.id);
    return note.matches || note.open ? row.id : 0;
  }

  #mark(index: number, note: Note, length: number): void {
    this.flows[index] = note.id;
    if (note.open && (note.heldBytes += length) > patience.bytes) this.#giveUp(note);
    this.keep[index] = note.matches ? 1 : 0;
    this.hold[index] = note.open ? 1 : 0;
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
      if (this.#wanted !== undefined) this.#judge(note, this.#wanted);
      if (note.matches) this.#addDue(note);
    }
    return note;
  }

  #addDue(note: Note): void {
    const { other } = note;
    if (isDue(note)) this.#due.push(note);
    if (other !== undefined && isDue(other)) this.#due.push(other);
  }

  /** Looks whether the flow is wanted, by either of its ends. */
  #judge(note: Note, wanted: Wanted): void {
    const { row, other } = note;
    if (note.gaveUp) {
      note.matches = this.#matches(note);
      return;
    }
    const one = wanted.decide(row);
    const both = one === "yes" || other === undefined ? one : stronger(one, wanted.decide(other.row));
    if (both !== "open") this.#settle(note, both === "yes");
    else if (!note.open) {
      note.open = true;
      note.matches = false;
      note.openSince = this.#now;
      note.heldBytes = 0;
      this.#open.add(note);
    }
  }

  /** The flow is decided: frames that were held are wanted, or not. */
  #settle(note: Note, matches: boolean): void {
    note.matches = matches;
    if (!note.open) return;
    note.open = false;
    this.#open.delete(note);
    (matches ? this.#settled.wanted : this.#settled.unwanted).add(note.id);
  }

  /** Nobody will tell, or not in time. */
  #giveUp(note: Note): void {
    note.gaveUp = true;
    const matches = this.#matches(note);
    if (!matches) this.#settled.givenUp.add(note.id);
    this.#settle(note, matches);
    if (matches) this.#addDue(note);
  }

  #matches({ row, other }: Note): boolean {
    const wanted = this.#wanted!;
    return wanted.matches(row) || (other !== undefined && wanted.matches(other.row));
  }

  /** Looks at the flows whose frames are held, whether more of them came or not. */
  review(now: number): void {
    this.#now = now;
    this.#block++;
    if (now - this.#turnedAt >= strangersPatience) {
      this.#turnedAt = now;
      this.#turn = this.#turn === 0 ? 1 : 0;
      // What came the time before last.
      this.#settled.givenUp.add(strangers[this.#turn]);
      this.#settled.unwanted.add(strangers[this.#turn]);
    }
    for (const note of this.#open) {
      note.looked = this.#block;
      this.#judge(note, this.#wanted!);
      if (note.matches) this.#addDue(note);
      else if (note.open && now - note.openSince >= patience.milliseconds) this.#giveUp(note);
    }
  }

  /** Flows with held frames that were decided since the last call. */
  takeSettled(): Settled {
    const settled = this.#settled;
    this.#settled = newSettled();
    return settled;
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
    return due.length > 1 ? [...new Set(due)].map((note) => note.row) : due.map((note) => note.row);
  }

  /** Rows of which something new is known although no frame came; who calls it now and then writes all of it in time. */
  takeLate(): Connection[] {
    for (const note of this.#notes.values()) if (note.written && isDue(note)) this.#due.push(note);
    return this.takeDue();
  }

  /** The rows ended: what is not known of them now nobody will know. `end` follows. */
  close(rows: readonly Connection[]): void {
    if (this.#open.size === 0) return;
    for (const row of rows) {
      const note = this.#notes.get(row.id);
      if (note?.open !== true) continue;
      this.#settle(note, this.#matches(note));
      if (note.matches) this.#addDue(note);
    }
  }

  /** The recording ends before the flows do. */
  closeAll(): void {
    for (const note of this.#open) this.#giveUp(note);
    for (const stranger of strangers) {
      this.#settled.givenUp.add(stranger);
      this.#settled.unwanted.add(stranger);
    }
  }

  /** The row ended: returns true once if it has frames in the file, whose last record is now due. */
  end(row: Connection): boolean {
    const note = this.#notes.get(row.id);
    this.#notes.delete(row.id);
    // Its last record follows at once.
    if (this.#due.length > 0) this.#due = this.#due.filter((one) => one !== note);
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

const newNote = (row: Connection, other: Note | undefined): Note => ({
  id: row.id,
  row,
  other,
  looked: -1,
  matches: true,
  open: false,
  gaveUp: false,
  openSince: 0,
  heldBytes: 0,
  written: false,
  process: undefined,
  application: undefined,
  hostname: undefined,
});

/** Flows by what became of their frames that were held. */
export interface Settled {
  readonly wanted: Set<number>;
  readonly unwanted: Set<number>;
  /** Of those that are not wanted the ones of which nobody could tell. */
  readonly givenUp: Set<number>;
}

const newSettled = (): Settled => ({ wanted: new Set(), unwanted: new Set(), givenUp: new Set() });

const stronger = (one: "yes" | "no" | "open", other: "yes" | "no" | "open"): "yes" | "no" | "open" =>
  other === "yes" || one === "no" ? other : one;

const isDue = (note: Note): boolean =>
  !note.written ||
  note.process !== note.row.process ||
  note.application !== note.row.application?.name ||
  note.hostname !== note.row.hostname;
