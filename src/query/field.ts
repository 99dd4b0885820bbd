import type { Connection, Endpoint } from "../model/index.ts";
import type { Unit } from "./quantity.ts";

export type TextGetter = (connection: Connection) => string | undefined;
/** `NaN` where the connection has no such number. `now` is in milliseconds since the epoch. */
export type NumberGetter = (connection: Connection, now: number) => number;

interface FieldBase {
  /** Canonical name: what `print` writes. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Completes "connections whose ..." and heads the field's line in the reference. */
  readonly summary: string;
  readonly example: string;
  /** Whether the connection tells it by now; absent: it does from its first packet on, or as it is at the moment. */
  readonly isKnown?: (connection: Connection) => boolean;
  /** Words worth offering as values. */
  readonly suggestions?: readonly string[];
}

/** Compared as text, ignoring case. */
export interface TextField extends FieldBase {
  readonly kind: "text";
  readonly texts: readonly TextGetter[];
  /** Other spellings of a value, before it is compared. */
  readonly spelling?: (value: string) => string;
}

/** Compared as a number, or as the text of `texts` where the value is not a number. */
export interface NumberField extends FieldBase {
  readonly kind: "number";
  readonly unit: Unit;
  readonly numbers: readonly NumberGetter[];
  readonly texts?: readonly TextGetter[];
  /** Greatest value that makes sense: a value above is a mistake. */
  readonly greatest?: number;
  /** Letters that may stand before the number: "AS13335". */
  readonly prefix?: string;
}

/** Compared as an address, prefix or range, or as part of the address or of the name of that side. */
export interface AddressField extends FieldBase {
  readonly kind: "address";
  readonly sides: readonly ((connection: Connection) => Endpoint)[];
}

/** `is:closed`: one word of a fixed set. */
export interface FlagField extends FieldBase {
  readonly kind: "flag";
  readonly flags: ReadonlyMap<string, { readonly summary: string; readonly test: (connection: Connection) => boolean }>;
}

export type Field = TextField | NumberField | AddressField | FlagField;

/** What a number is where the connection has none: it compares false with everything. */
export const unknownNumber = Number.NaN;
