/** What a number of the field table is measured in. */
export type Unit = "count" | "bytes" | "rate" | "milliseconds" | "seconds" | "percent";

const decimal = new Map([
  ["", 1],
  ["k", 1e3],
  ["m", 1e6],
  ["g", 1e9],
  ["t", 1e12],
  ["p", 1e15],
]);
const multiples = new Map([
  ...decimal,
  ["ki", 2 ** 10],
  ["mi", 2 ** 20],
  ["gi", 2 ** 30],
  ["ti", 2 ** 40],
  ["pi", 2 ** 50],
]);
const secondsIn = new Map([
  ["us", 1e-6],
  ["µs", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["sec", 1],
  ["m", 60],
  ["min", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

/** What may follow a number of this unit, for messages and documentation. */
export const unitHint: Readonly<Record<Unit, string>> = {
  count: "a number, k, M or G may follow",
  bytes: "bytes: B, kB, MB, GB, TB or KiB, MiB, GiB, TiB",
  rate: "bytes a second: k, M, G or KiB, MiB, GiB; bits a second: kbit, Mbit, Gbit",
  milliseconds: "milliseconds; us, ms, s or m may follow",
  seconds: "seconds; ms, s, m, h, d or w may follow",
  percent: "percent",
};

function scale(suffix: string, unit: Unit): number | undefined {
  switch (unit) {
    case "count":
      return decimal.get(suffix);
    case "percent":
      return suffix === "" || suffix === "%" ? 1 : undefined;
    case "milliseconds":
      return suffix === "" ? 1 : multiply(secondsIn.get(suffix), 1000);
    case "seconds":
      return suffix === "" ? 1 : secondsIn.get(suffix);
    case "bytes":
      return bytesScale(suffix);
    case "rate":
      return rateScale(suffix);
  }
}

const multiply = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : value * by;

function bytesScale(suffix: string): number | undefined {
  const prefix = suffix.endsWith("b") ? suffix.slice(0, -1) : suffix;
  return multiples.get(prefix);
}

/** A lone `b` means bytes here as everywhere in this language: bits are asked for by name. */
function rateScale(suffix: string): number | undefined {
  const perSecond = /^(?:(.*)(?:bit\/s|bit|bps)|(.*?)(?:b\/s|\/s))$/.exec(suffix);
  if (perSecond?.[1] !== undefined) return multiply(multiples.get(perSecond[1]), 1 / 8);
  return bytesScale(perSecond?.[2] ?? suffix);
}

/** The number `text` stands for in the field's own unit; undefined when it is not a number of that unit. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const match = /^(\d{1,18}(?:\.\d{1,9})?|\.\d{1,9})([a-zµ%/]*)$/i.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return multiply(scale(match[2].toLowerCase(), unit), Number(match[1]));
}

/** An inclusive range of numbers. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** `1000-2000`, or one number as a range of one. */
export function parseNumberRange(text: string, unit: Unit): NumberRange | undefined {
  const dash = text.indexOf("-");
  const first = parseQuantity(dash < 0 ? text : text.slice(0, dash), unit);
  const last = dash < 0 ? first : parseQuantity(text.slice(dash + 1), unit);
  return first === undefined || last === undefined ? undefined : { first, last };
}
