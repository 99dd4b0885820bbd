/**
 * Measures protocol identification and accounting against captures with known answers:
 *
 *     npm run score -- [--captures DIR] [--min N] [--sort protocol|expected|missed] [--wrong] [--inexact]
 *
 * DIR holds `dev/` (captures, expected flows, conversations) and `tools/` (the scorer); without it, shared/captures beside the
 * repository. `--min N` leaves out protocols with fewer expected flows; `--wrong` lists each flow that was named
 * wrong, not named or not seen; `--inexact` each conversation whose counts differ. Needs python3.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";

const root = dirname(import.meta.dirname);
const defaultCaptures = join(dirname(root), "shared/captures");
/** Far beyond what all replays take together; the scorer bounds each one. */
const patience = 20 * 60_000;

/** Flows that were expected of a protocol, what became of them, and answers of this name that were wrong (`fp`). */
export interface ProtocolScore {
  readonly exp: number;
  readonly right: number;
  readonly wrong: number;
  readonly unk: number;
  readonly miss: number;
  readonly fp: number;
}

/** Flows, how many were named right, and the ratios; `null` where nothing was answered. */
export interface TotalScore {
  readonly n: number;
  readonly right: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly missing: number;
  readonly recall: number | null;
  readonly precision: number | null;
}

/** A flow whose name was not right. */
export interface WrongFlow {
  readonly file: string;
  readonly flow: readonly [proto: string, a: readonly [string, number], b: readonly [string, number]];
  readonly expected: string;
  readonly got: readonly string[];
  readonly why: "wrong" | "unk" | "miss";
}

/** Packets and bytes of a conversation: there, back. */
type Counts = readonly [packetsThere: number, bytesThere: number, packetsBack: number, bytesBack: number];

/** A conversation of TCP or UDP that was counted differently. */
export interface InexactConversation {
  readonly file: string;
  readonly conversation: string;
  readonly want: Counts;
  /** Undefined: no flow of it. */
  readonly got: Counts | undefined;
  /**
   * The difference is what the set has as a conversation of later fragments between the two addresses, without ports. They
   * belong to the datagram that the first fragment begins (RFC 791 section 2.3), so to this flow.
   */
  readonly laterFragments: boolean;
}

export interface Score {
  /** All labelled flows, those where a second tool may be right instead, those where two tools agree, listed protocols. */
  readonly totals: Readonly<Record<"strict" | "either" | "gold" | "core", TotalScore>>;
  readonly protocols: Readonly<Record<string, ProtocolScore>>;
  readonly hostnames: { readonly n: number; readonly right: number; readonly wrong: number };
  readonly ja4: { readonly n: number; readonly right: number; readonly wrong: number };
  readonly conversations: { readonly n: number; readonly exact: number };
  readonly wrongFlows: readonly WrongFlow[];
  readonly inexact: readonly InexactConversation[];
  readonly captures: number;
  readonly failedReplays: readonly string[];
}

/** What `score.py --json` writes, as far as it is read here. */
interface ScorerOutput {
  readonly strict: TotalScore;
  readonly either: TotalScore;
  readonly gold: TotalScore;
  readonly core: TotalScore;
  readonly hostname: Readonly<Record<string, number>>;
  readonly ja4: Readonly<Record<string, number>>;
  readonly conv: Readonly<Record<string, number>>;
  readonly per: Readonly<Record<string, ProtocolScore>>;
}

interface FlowRecord {
  readonly event_type: string;
  readonly proto: string;
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly flow: {
    readonly pkts_toserver: number;
    readonly pkts_toclient: number;
    readonly bytes_toserver: number;
    readonly bytes_toclient: number;
  };
}

interface ConversationRecord {
  readonly type: string;
  readonly layer?: number;
  readonly frag?: boolean;
  readonly proto: string;
  readonly a: string;
  readonly b: string;
  readonly pkts_ab: number;
  readonly bytes_ab: number;
  readonly pkts_ba: number;
  readonly bytes_ba: number;
}

/** Where the captures are expected; undefined when they are not there. */
export function findCaptures(directory: string = defaultCaptures): string | undefined {
  return existsSync(join(directory, "tools/score-set")) && existsSync(join(directory, "dev/pcap"))
    ? directory
    : undefined;
}

/** Replays every capture under `directory` with the program of this checkout and scores it. Throws when the scorer fails. */
export async function score(directory: string): Promise<Score> {
  const scratch = mkdtempSync(join(tmpdir(), "socklens-score-"));
  try {
    const program = join(scratch, "replay");
    writeFileSync(program, keepingProgram(scratch), { mode: 0o755 });
    const set = join(directory, "dev");
    const report = join(scratch, "score.json");
    const errors = join(scratch, "errors.jsonl");
    const messages = await run(join(directory, "tools/score-set"), [
      set,
      program,
      "--json",
      report,
      "--errors",
      errors,
    ]);
    const output = JSON.parse(readFileSync(report, "utf8")) as ScorerOutput;
    return {
      totals: output,
      protocols: output.per,
      hostnames: tally(output.hostname),
      ja4: tally(output.ja4),
      conversations: { n: output.conv["n"] ?? 0, exact: output.conv["both exact"] ?? 0 },
      wrongFlows: jsonLines<WrongFlow>(errors),
      inexact: readdirSync(join(set, "conversations")).flatMap((file) => inexactIn(set, file, scratch)),
      captures: readdirSync(join(set, "pcap")).length,
      failedReplays: messages.split("\n").filter((line) => line.startsWith("replay failed: ")),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The scorer deletes what a replay wrote; this program leaves a copy of it. */
function keepingProgram(scratch: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const output = `${quote(scratch)}/"$(basename "$2")".ndjson`;
  return `#!/bin/sh\n${quote(join(root, "bin/socklens"))} "$@" >${output}\nstatus=$?\ncat ${output}\nexit $status\n`;
}

/** What the program says on standard error. */
async function run(program: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(program, parameters, { stdio: ["ignore", "ignore", "pipe"], timeout: patience });
  let messages = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => (messages += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code ?? "a signal"}: ${messages.trim().slice(-500)}`);
  return messages;
}

function tally(counts: Readonly<Record<string, number>>): { n: number; right: number; wrong: number } {
  return {
    n: counts["n"] ?? 0,
    right: (counts["right"] ?? 0) + (counts["right_xcheck"] ?? 0),
    wrong: counts["wrong"] ?? 0,
  };
}

function jsonLines<T>(file: string): T[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as T);
}

const endpoint = (address: string, port = 0): string => `${address.includes(":") ? `[${address}]` : address}:${port}`;

/** Conversations of one capture that the flow records of its replay do not add up to. */
function inexactIn(set: string, file: string, scratch: string): InexactConversation[] {
  const name = file.replace(/\.conv\.jsonl$/, "");
  const output = join(scratch, `${name}.ndjson`);
  const counted = existsSync(output) ? countsOf(jsonLines<FlowRecord>(output)) : new Map<string, Counts>();
  const records = jsonLines<ConversationRecord>(join(set, "conversations", file)).filter(
    ({ type, layer, proto }) => type === "conv" && layer === 0 && (proto === "tcp" || proto === "udp"),
  );
  const fragments = new Map<string, Counts>();
  for (const record of records.filter(({ frag }) => frag === true)) {
    fragments.set(pairOf(record), countsIn(record));
    fragments.set(pairOf({ ...record, a: record.b, b: record.a }), reversed(countsIn(record)));
  }
  const inexact: InexactConversation[] = [];
  for (const record of records.filter(({ frag }) => frag !== true)) {
    const conversation = `${record.proto} ${record.a} ${record.b}`;
    const want = countsIn(record);
    const got = counted.get(conversation);
    if (got?.join() === want.join()) continue;
    const later = fragments.get(pairOf(record));
    const laterFragments = later !== undefined && got?.join() === sum(want, later).join();
    inexact.push({ file: name, conversation, want, got, laterFragments });
  }
  return inexact;
}

const countsIn = (record: ConversationRecord): Counts => [
  record.pkts_ab,
  record.bytes_ab,
  record.pkts_ba,
  record.bytes_ba,
];
const reversed = ([a, b, c, d]: Counts): Counts => [c, d, a, b];
const sum = (one: Counts, other: Counts): Counts => [
  one[0] + other[0],
  one[1] + other[1],
  one[2] + other[2],
  one[3] + other[3],
];
const withoutPort = (end: string): string => end.slice(0, end.lastIndexOf(":"));
const pairOf = ({ proto, a, b }: ConversationRecord): string => `${proto} ${withoutPort(a)} ${withoutPort(b)}`;

/** Sums of all flows of each pair of endpoints, under both orders. */
function countsOf(records: readonly FlowRecord[]): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  const add = (key: string, counts: Counts): void => {
    sums.set(key, sum(sums.get(key) ?? [0, 0, 0, 0], counts));
  };
  for (const { event_type, proto, src_ip, src_port, dest_ip, dest_port, flow } of records) {
    if (event_type !== "flow" || src_ip === undefined || dest_ip === undefined) continue;
    const source = endpoint(src_ip, src_port);
    const destination = endpoint(dest_ip, dest_port);
    const counts: Counts = [flow.pkts_toserver, flow.bytes_toserver, flow.pkts_toclient, flow.bytes_toclient];
    add(`${proto.toLowerCase()} ${source} ${destination}`, counts);
    if (source !== destination) add(`${proto.toLowerCase()} ${destination} ${source}`, reversed(counts));
  }
  return sums;
}

const percent = (part: number, whole: number): string => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
const ratio = (value: number | null): string => (value === null ? "-" : `${(100 * value).toFixed(1)} %`);

function row(cells: readonly (string | number)[]): string {
  const [name, ...rest] = cells.map(String);
  return `${name!.padEnd(18)}${rest.map((cell) => cell.padStart(10)).join("")}`;
}

const orders: Readonly<Record<string, (a: [string, ProtocolScore], b: [string, ProtocolScore]) => number>> = {
  protocol: (a, b) => a[0].localeCompare(b[0]),
  expected: (a, b) => b[1].exp - a[1].exp,
  missed: (a, b) => b[1].exp - b[1].right + b[1].fp - (a[1].exp - a[1].right + a[1].fp),
};

/** The table as text. `order` is one of `orders`; protocols with fewer than `min` expected flows are left out. */
function formatScore(measured: Score, order: string, min: number): string {
  const lines = [row(["protocol", "expected", "right", "wrong", "unnamed", "unseen", "recall", "precision", "false"])];
  for (const [name, { exp, right, wrong, unk, miss, fp }] of Object.entries(measured.protocols).sort(orders[order])) {
    if (exp < min && fp === 0) continue;
    lines.push(row([name, exp, right, wrong, unk, miss, percent(right, exp), percent(right, right + fp), fp]));
  }
  lines.push("", row(["flows", "expected", "right", "wrong", "unnamed", "unseen", "recall", "precision"]));
  const titles = {
    strict: "all",
    either: "or a second tool",
    gold: "two tools agree",
    core: "listed protocols",
  } as const;
  for (const [name, title] of Object.entries(titles)) {
    const total = measured.totals[name as keyof typeof titles];
    const { n, right, wrong, unknown, missing, recall, precision } = total;
    lines.push(row([title, n, right, wrong, unknown, missing, ratio(recall), ratio(precision)]));
  }
  const { hostnames, ja4, conversations, captures, failedReplays } = measured;
  lines.push("", row(["", "expected", "right", "wrong", "share"]));
  lines.push(row(["host names", hostnames.n, hostnames.right, hostnames.wrong, percent(hostnames.right, hostnames.n)]));
  lines.push(row(["JA4", ja4.n, ja4.right, ja4.wrong, percent(ja4.right, ja4.n)]));
  const { n, exact } = conversations;
  lines.push(row(["exact counts", n, exact, n - exact, percent(exact, n)]));
  const fragments = measured.inexact.filter(({ laterFragments }) => laterFragments).length;
  lines.push(row(["with fragments", n, exact + fragments, n - exact - fragments, percent(exact + fragments, n)]));
  lines.push("", `${captures} captures, ${failedReplays.length} replays failed`, ...failedReplays);
  return lines.join("\n");
}

const whyNot = { wrong: "named", unk: "not named", miss: "not seen" } as const;

function formatWrong({ file, flow: [proto, a, b], expected, got, why }: WrongFlow): string {
  const pair = `${proto} ${endpoint(...a)} ${endpoint(...b)}`;
  return `${basename(file)}  ${pair}  ${expected} ${[whyNot[why], ...got].join(" ")}`;
}

function formatInexact({ file, conversation, want, got, laterFragments }: InexactConversation): string {
  const text = (counts: Counts): string =>
    `${counts[0]} packets ${counts[1]} bytes, ${counts[2]} packets ${counts[3]} bytes`;
  const reason = laterFragments ? ": with later fragments" : "";
  return `${file}  ${conversation}  want ${text(want)}, got ${got === undefined ? "no flow" : text(got)}${reason}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      captures: { type: "string" },
      min: { type: "string", default: "1" },
      sort: { type: "string", default: "expected" },
      wrong: { type: "boolean", default: false },
      inexact: { type: "boolean", default: false },
    },
  });
  const min = Number(values.min);
  if (!(values.sort in orders) || !Number.isSafeInteger(min)) {
    process.stderr.write(`score: --min needs a whole number, --sort one of ${Object.keys(orders).join(", ")}\n`);
    return 2;
  }
  const place = values.captures ?? defaultCaptures;
  const captures = findCaptures(place);
  if (captures === undefined) {
    process.stderr.write(`score: no captures with known answers at ${place}: nothing was measured\n`);
    return 1;
  }
  const measured = await score(captures);
  process.stdout.write(`${formatScore(measured, values.sort, min)}\n`);
  if (values.wrong) process.stdout.write(`\n${measured.wrongFlows.map(formatWrong).join("\n")}\n`);
  if (values.inexact) process.stdout.write(`\n${measured.inexact.map(formatInexact).join("\n")}\n`);
  return measured.failedReplays.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`score: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof TypeError ? 2 : 1;
  });
}
