/** The options of `socklens convert`. */
import type { Compression } from "../../files/index.ts";
import type { ConvertOptions } from "../convert/options.ts";
import type { TimeRange } from "../replay/range.ts";
import type { Command } from "./command.ts";
import { filter, type Given, last, Mistake, number, refuseOthers } from "./given.ts";

const compressions: readonly (readonly [RegExp, Compression])[] = [
  [/\.gz$/i, "gzip"],
  [/\.zst$/i, "zstd"],
];

/** The values of --format. */
const formats: ReadonlyMap<string, Pick<ConvertOptions, "format" | "times">> = new Map([
  ["pcapng", { format: "pcapng", times: "finest" }],
  ["pcap", { format: "pcap", times: "finest" }],
  ["pcap-us", { format: "pcap", times: "microseconds" }],
  ["pcap-ns", { format: "pcap", times: "nanoseconds" }],
]);

/** "trace.pcap.gz": pcap, in gzip. What is not said is pcapng, not compressed. */
function formatOf(path: string): Pick<ConvertOptions, "format" | "times" | "compression"> {
  const found = compressions.find(([ending]) => ending.test(path));
  const plain = found === undefined ? path : path.replace(found[0], "");
  const format = /\.(?:pcap|cap)$/i.test(plain) ? "pcap" : "pcapng";
  return { format, times: "finest", ...(found && { compression: found[1] }) };
}

function redaction(given: Given): ConvertOptions["redact"] {
  const mode = last(given, "redact");
  if (mode !== undefined) {
    return { mode: mode === "prefix" ? "prefix" : "plain", keepPayload: given.has("keep-payload") };
  }
  const lone = ["redact-key", "keep-payload"].find((name) => given.has(name));
  if (lone !== undefined) throw new Mistake(`--${lone} is for --redact`);
  return undefined;
}

function convertOptions(given: Given, path: string, range: TimeRange): ConvertOptions {
  const text = last(given, "format");
  const format = text === undefined ? {} : formats.get(text);
  if (format === undefined) throw new Mistake(`--format takes ${[...formats.keys()].join(", ")}, not "${text}"`);
  const redact = redaction(given);
  const payload = number(given, "snap", 0, 262_144);
  if (payload !== undefined && redact?.keepPayload === false) {
    throw new Mistake("--redact cuts the payload: add --keep-payload to keep what --snap says, with the names in it");
  }
  const query = filter(given)?.query;
  const packets = number(given, "packets", 1, 1_000_000_000);
  return {
    ...formatOf(path),
    ...format,
    range,
    ...(query !== undefined && { filter: query }),
    ...(packets !== undefined && { packets }),
    ...(payload !== undefined && { payload }),
    ...(redact && { redact }),
  };
}

/** `readFiles` says what is wrong with the names, or which part of the files is wanted. `terminal`: standard output is one. */
export function convert(
  given: Given,
  words: readonly string[],
  readFiles: () => TimeRange,
  terminal: boolean,
): Command {
  refuseOthers(given, "convert");
  if (words.length === 0) throw new Mistake("convert needs the name of a capture file: socklens convert FILE -o FILE");
  const path = last(given, "output");
  if (path === undefined) throw new Mistake("convert needs the name of the file to write: -o FILE");
  if (path.length > 4096 || path.includes("\0")) throw new Mistake("the name of the file is too long");
  if (path === "-" && terminal) throw new Mistake("standard output is a terminal: pipe it, or name a file");
  const redactKey = last(given, "redact-key");
  return {
    kind: "convert",
    files: words,
    output: { path, overwrite: given.has("overwrite"), ...(redactKey !== undefined && { redactKey }) },
    options: convertOptions(given, path, readFiles()),
  };
}
