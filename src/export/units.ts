const prefixes = ["", "k", "M", "G", "T", "P", "E"] as const;

/** Bytes for a person, three digits and an SI prefix: "999 B", "1.23 MB". What is no amount is "0 B". */
export function formatBytes(bytes: number): string {
  let value = Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
  let power = 0;
  // 999.5 would be printed as 1000.
  while (value >= 999.5 && power < prefixes.length - 1) {
    value /= 1000;
    power++;
  }
  if (power === 0) return `${Math.round(value)} B`;
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${prefixes[power] ?? ""}B`;
}

/** Bytes a second for a person. */
export const formatRate = (rate: number): string => `${formatBytes(rate)}/s`;

/** A whole number with thousands apart: "12,345". `toLocaleString` takes 20 ms the first time, for all languages that there are. */
export function formatCount(count: number): string {
  const text = String(Math.round(count));
  return text.length < 4 ? text : text.replace(/\B(?=(\d{3})+$)/g, ",");
}
