import type { Connection, KnownName, ProcessInfo, Snapshot } from "../model/index.ts";
import type { Messages } from "./messages.ts";
import type { Role } from "./theme.ts";

/** What the cards tell of: as it may be shown. */
export interface DetailSubject {
  readonly row: Connection;
  /** The owner and its parents, the nearest first; empty: ask the row. */
  readonly lineage: readonly ProcessInfo[];
  /** What the remote address is called, beside what the row says. */
  readonly names: readonly KnownName[];
  /** The maker of a network card. */
  readonly vendorOf: ((mac: string) => string | undefined) | undefined;
  /** Milliseconds since the epoch: at present, and when Socklens began to look. */
  readonly now: number;
  readonly begin: number;
  readonly level: Snapshot["level"]["level"];
}

/** What a small graph below a field shows of the connection's last minutes. */
export type GraphName = "rtt" | "received" | "sent";

/** One fact of a card. */
export interface DetailField {
  /** In the language in force, or the name that the JSON contract gives it. "": the value has the whole width. */
  readonly label: string;
  /** What stands there, and what `c` copies unless `copy` says more. */
  readonly value: string;
  readonly copy?: string;
  /** Beside the value: where it comes from. */
  readonly note?: string;
  /** The value's look; that of text when absent. */
  readonly role?: Role;
  /** Before the value: the branches of a tree. */
  readonly lead?: string;
  /** One line, whatever its length: for what changes with every tick, so that nothing below it moves. */
  readonly short?: boolean;
  readonly graph?: GraphName;
}

export interface DetailCard {
  readonly title: string;
  readonly fields: readonly DetailField[];
}

/** More about a field than its value. */
export type FieldMore = Omit<DetailField, "label" | "value">;

const valueLimit = 2048;

/** Gathers the fields of a card. Facts that nobody knows have no field. */
export class CardFields {
  readonly messages: Messages;
  readonly fields: DetailField[] = [];

  constructor(messages: Messages) {
    this.messages = messages;
  }

  add(label: string, value: string | number | boolean | undefined, more: FieldMore = {}): void {
    if (value === undefined || value === "") return;
    this.fields.push({ label, value: String(value).slice(0, valueLimit), ...more });
  }
}
