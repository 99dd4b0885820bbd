/**
 * Fuzzes the parser of terminal input with mutated keys, mouse reports and pastes, seeded, in pieces of any size.
 * Finds: anything thrown, a control character handed on as a key, memory that grows, an interrupt that is swallowed.
 *
 *     node fuzz/terminal-input.ts [--inputs N] [--seed N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Random } from "../src/host/fake/index.ts";
import { InputParser, type InputEvent } from "../src/tui/index.ts";

const seeds = [
  "q",
  "\x1b[A",
  "\x1bOP",
  "\x1b[1;5C",
  "\x1b[<0;10;5M",
  "\x1b[<65;1;1m",
  "\x1b[200~pasted\x1b[201~",
  "\x1b[97;5u",
  "\x1b[27;5;99~",
  "\x1b[[A",
  "\x1b]11;rgb:00/00/00\x07",
  "\x1bP1$r0m\x1b\\",
  "\x1b[?2026;2$y",
  "\x1b]11;rgba:ffff/f/0a0/ffff\x1b\\",
  "\x1b[?1u",
  "\x1b[57414;5u",
  "\xf0\x9f\x91\x8d",
  "\x1b",
] as const;

function input(random: Random): Buffer {
  let text = "";
  for (let part = random.integer(6); part >= 0; part--) text += random.pick(seeds);
  const bytes = Buffer.from(text, "latin1");
  for (let change = random.integer(4); change > 0; change--) bytes[random.integer(bytes.length)] = random.integer(256);
  return bytes;
}

function checkReport(report: Extract<InputEvent, { readonly kind: "report" }>["report"]): void {
  if (report.what === "background") assert.ok(report.rgb >= 0 && report.rgb <= 0xff_ffff, JSON.stringify(report));
  else assert.ok(Object.values(report).every((value) => typeof value === "string" || value < 100_000));
}

function check(event: InputEvent): void {
  if (event.kind === "key") assert.ok(!/[\p{Cc}\p{Cs}]/u.test(event.key), JSON.stringify(event));
  else if (event.kind === "paste") assert.ok(event.text.length <= 65_536, `paste of ${event.text.length}`);
  else if (event.kind === "report") checkReport(event.report);
  else assert.ok(event.x >= 0 && event.y >= 0 && event.x < 100_000 && event.y < 100_000, JSON.stringify(event));
}

/** Parses `count` mutated inputs with parsers that live on; how many events came. Throws on a finding. */
export function runTerminalInput(count: number, seed: number): { inputs: number; events: number } {
  const random = new Random(seed);
  let events = 0;
  let interrupts = 0;
  const parser = new InputParser((event) => {
    check(event);
    events++;
    if (event.kind === "key" && event.key === "ctrl-c") interrupts++;
  });
  for (let number = 0; number < count; number++) {
    const bytes = input(random);
    try {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random.integer(8);
        parser.feed(bytes.subarray(at, at + size));
        at += size;
      }
      parser.flush();
      const before = interrupts;
      // The first may end a paste or a string, or be the last byte of a sequence.
      parser.feed(Buffer.from("\x03\x03"));
      assert.ok(interrupts > before, "an interrupt was swallowed");
    } catch (error) {
      const hex = bytes.toString("hex");
      throw new Error(`terminal-input, seed ${seed}, input ${number}: ${String(error)}\n${hex}`, { cause: error });
    }
  }
  return { inputs: count, events };
}

function main(): void {
  const { values } = parseArgs({
    options: { inputs: { type: "string", default: "200000" }, seed: { type: "string", default: "1" } },
  });
  const inputs = Number(values.inputs);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write("usage: fuzz/terminal-input.ts [--inputs N] [--seed N]\n");
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`terminal-input: ${JSON.stringify(runTerminalInput(inputs, seed))}\n`);
}

if (import.meta.main) main();
