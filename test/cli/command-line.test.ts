import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { type Command, parseCommandLine, usageErrorText } from "../../src/app/cli/index.ts";
import { manPage } from "../../src/app/cli/man-page.ts";
import { commands, laterCommands, options } from "../../src/app/cli/options.ts";

const terminal = { terminal: true };

function parsed(...args: string[]): Command {
  const result = parseCommandLine(args, terminal);
  assert.ok(result.ok, result.ok ? "" : result.message);
  return result.command;
}

const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);
const asIs = { serializers: [String] };

test("socklens --help", (t) => {
  const help = parsed("--help");
  assert.ok(help.kind === "help");
  t.assert.fileSnapshot(help.text, fixture("help.txt"), asIs);
});

for (const { name } of commands) {
  test(`socklens help ${name}`, (t) => {
    const help = parsed("help", name);
    assert.ok(help.kind === "help");
    assert.deepEqual(parsed(name, "--help"), help);
    assert.deepEqual(parsed("-h", name), help);
    t.assert.fileSnapshot(help.text, fixture(`help-${name}.txt`), asIs);
  });
}

test("the man page is current: node tools/man-page.ts writes it", () => {
  assert.equal(readFileSync(join(import.meta.dirname, "../../docs/man/socklens.1"), "utf8"), manPage());
});

test("help and man page name every option and command, and no command of a later version", () => {
  const help = parsed("help");
  assert.ok(help.kind === "help");
  const man = manPage().replaceAll("\\-", "-");
  for (const { name } of options) for (const text of [help.text, man]) assert.ok(text.includes(`--${name}`), name);
  for (const { name } of commands) for (const text of [help.text, man]) assert.ok(text.includes(name), name);
  for (const name of laterCommands) assert.doesNotMatch(help.text, new RegExp(`socklens ${name}`));
});

test("lines of help are at most 100 characters", () => {
  for (const name of [[], ...commands.map((command) => [command.name])]) {
    const help = parsed("help", ...name);
    assert.ok(help.kind === "help");
    for (const line of help.text.split("\n")) assert.ok(line.length <= 100, line);
  }
});

const source = { interfaces: [] };
const screen = { kind: "screen", source, color: true, private: false };
const replayed = { kind: "replay", follow: false, range: {} } as const;
const played = { kind: "play", follow: false, range: {}, speed: 1, color: true, private: false } as const;
const valid: readonly (readonly [string[], unknown])[] = [
  [[], screen],
  [
    ["-i", "eth0", "--interface=lo", "-ieth0", "-f", "tcp port 443"],
    { ...screen, source: { interfaces: ["eth0", "lo"], captureFilter: "tcp port 443" } },
  ],
  [
    ["-r", "1000", "--no-color", "--filter", "port:443"],
    { ...screen, refresh: 1000, color: false, private: false, filterText: "port:443" },
  ],
  [["--json"], { kind: "headless", source, output: { format: "json", by: "flow" } }],
  [
    ["--csv", "--by", "process", "--interval", "0.5"],
    { kind: "headless", source, output: { format: "csv", by: "process", interval: 0.5 } },
  ],
  [["--plain"], { kind: "headless", source, output: { format: "plain", by: "flow", interval: 1 } }],
  [
    ["--json", "--count", "3", "--duration", "1.5m"],
    { kind: "headless", source, output: { format: "json", by: "flow", interval: 1, count: 3, duration: 90 } },
  ],
  [
    ["--json", "--interval", "5", "--interval", "2s"],
    { kind: "headless", source, output: { format: "json", by: "flow", interval: 2 } },
  ],
  [["replay", "a.pcap"], { ...played, files: ["a.pcap"] }],
  [
    ["replay", "a.pcap", "-", "--speed", "max", "--refresh=100", "--theme=nord", "--filter", "tcp", "--private"],
    {
      ...played,
      files: ["a.pcap", "-"],
      speed: Infinity,
      refresh: 100,
      theme: "nord",
      filterText: "tcp",
      private: true,
    },
  ],
  [
    ["replay", "a.pcap", "--speed", "0.25x", "-f", "udp"],
    { ...played, files: ["a.pcap"], speed: 0.25, captureFilter: "udp" },
  ],
  [["replay", "a.pcap", "--plain"], { ...replayed, files: ["a.pcap"], output: { format: "plain", by: "flow" } }],
  [["replay", "a.pcap", "--by", "host"], { ...replayed, files: ["a.pcap"], output: { format: "plain", by: "host" } }],
  [["replay", "--json", "-"], { ...replayed, files: ["-"], output: { format: "json", by: "flow" } }],
  [
    ["--csv", "replay", "--interval", "1h", "--", "--json"],
    { ...replayed, files: ["--json"], output: { format: "csv", by: "flow", interval: 3600 } },
  ],
  [
    ["replay", "x", "--plain", "--count=2"],
    { ...replayed, files: ["x"], output: { format: "plain", by: "flow", interval: 1, count: 2 } },
  ],
  [
    ["replay", "a", "b", "--from", "2026-05-01T10:00", "--to", "2026-05-01 12:30:00.5+0200", "-f", "tcp", "--plain"],
    {
      ...replayed,
      files: ["a", "b"],
      range: {
        from: { kind: "absolute", millis: Date.UTC(2026, 4, 1, 10) },
        to: { kind: "absolute", millis: Date.UTC(2026, 4, 1, 10, 30, 0, 500) },
      },
      captureFilter: "tcp",
      output: { format: "plain", by: "flow" },
    },
  ],
  [
    ["replay", "--follow", "-", "--json", "--from", "+1.5m", "--to=2h"],
    {
      ...replayed,
      files: ["-"],
      follow: true,
      range: { from: { kind: "relative", seconds: 90 }, to: { kind: "relative", seconds: 7200 } },
      output: { format: "json", by: "flow" },
    },
  ],
  [["doctor"], { kind: "doctor", json: false }],
  [["doctor", "--json"], { kind: "doctor", json: true }],
  [["version"], { kind: "version" }],
  [["-V"], { kind: "version" }],
];
for (const [args, command] of valid) {
  test(`socklens ${args.join(" ")}`, () => assert.deepEqual(parsed(...args), command));
}

test("a filter is compiled", () => {
  const command = parsed("--json", "--filter", "port:443");
  assert.ok(command.kind === "headless" && command.output.filter?.expression.kind === "term");
});

const mistakes: readonly (readonly [string[], RegExp])[] = [
  [["--jsn"], /^there is no option --jsn; did you mean --json\?$/],
  [["--intervall", "1"], /did you mean --interval\?/],
  [["--wholly-unknown"], /there is no option --wholly-unknown; see socklens --help/],
  [["-x"], /there is no option -x; see socklens --help/],
  [["--json", "-iz", "-zx"], /there is no option -z/],
  [["--json=yes"], /--json takes no value/],
  [["--json", "--interval"], /--interval needs a value: --interval SECONDS/],
  [["--filter", "--json"], /--filter needs a value/],
  [["--json", "--interval="], /--interval needs a value/],
  [["--json", "--csv"], /--json and --csv exclude each other/],
  [["--json", "--interval", "0"], /--interval takes seconds from 0.1 to 86400 \(90, 1.5m, 2h\), not "0"/],
  [["--json", "--interval", "-1"], /--interval takes seconds/],
  [["--json", "--interval", "1e3"], /not "1e3"/],
  [["--json", "--interval", "soon"], /not "soon"/],
  [["--json", "--count", "0"], /--count takes a whole number from 1/],
  [["--json", "--count", "1.5"], /not "1.5"/],
  [["--json", "--count", "99999999999"], /--count takes a whole number/],
  [["--json", "--duration", "5y"], /--duration takes seconds/],
  [["--json", "--by", "proces"], /--by takes flow, process, host or app, not "proces"; did you mean process\?/],
  [["--by", "process"], /--by needs --json, --csv or --plain/],
  [["--interval", "1"], /--interval needs --json/],
  [["--json", "--refresh", "100"], /--refresh is for the screen/],
  [["--refresh", "10"], /--refresh takes a whole number from 50 to 60000, not "10"/],
  [["-i", "a-very-long-interface"], /"a-very-long-interface" cannot be the name of an interface/],
  [["-i", "öäüöäüöä"], /"öäüöäüöä" cannot be the name of an interface/],
  [
    ["--json", ...Array.from({ length: 65 }, (_, index) => `-ieth${index}`)],
    /--interface may be given 64 times at most/,
  ],
  [["x".repeat(100_000)], /^there is no command "x{470,490}…$/],
  [["-i", "../eth0"], /cannot be the name of an interface/],
  [["--filter", "prot:tcp"], /^--filter: no field is called "prot"; did you mean "proto"\? .*\(character 1\)$/],
  [["--json", "--filter", "port:443 and (a"], /--filter: this \( is not closed \(character 14\)/],
  [["firefox"], /there is no command "firefox"; see socklens --help, or --filter/],
  [["docter"], /there is no command "docter"; did you mean doctor\?/],
  ...laterCommands.map(
    (name) =>
      [
        [name, "x"],
        new RegExp(`^${name} is not part of this version; see socklens --help$`),
      ] as const satisfies readonly [string[], RegExp],
  ),
  [["replay", "a", "--speed", "3"], /--speed takes 0\.1, 0\.25, .*, 100 or max, not "3"/],
  [["replay", "a", "--json", "--speed", "2"], /--speed is for the screen: leave out --json/],
  [["replay", "a", "--theme", "nord", "--interval", "1"], /--theme is for the screen: leave out --interval/],
  [["--speed", "2"], /--speed is for replay$/],
  [["--json", "--from", "2"], /--from is for replay and convert$/],
  [["replay"], /replay needs the name of a capture file: socklens replay FILE/],
  [["replay", "-", "a", "-"], /standard input \(-\) can be read only once/],
  [["replay", "--follow", "a", "b"], /--follow takes one file/],
  [
    ["replay", "a", "--from", "yesterday"],
    /--from takes a time \(2026-05-01T10:00:00Z\) or seconds .*, not "yesterday"/,
  ],
  [["replay", "a", "--from", "2026-13-01"], /--from takes a time/],
  [["replay", "a", "--from", "5m", "--to", "60"], /--to is before --from/],
  [["replay", ...Array.from({ length: 257 }, String)], /replay reads 256 files at most, not 257/],
  [["--json", "--from", "5m"], /--from/],
  [["replay", "-i", "eth0", "a"], /--interface means nothing to replay; see socklens help replay/],
  [["doctor", "now"], /doctor takes no "now"/],
  [["doctor", "--csv"], /--csv means nothing to doctor/],
  [["version", "x"], /version takes no "x"/],
  [["help", "nothing"], /there is no command "nothing"/],
  [["help", "doctor", "x"], /one too many/],
  [["\u001b[31m"], /there is no command "\\x1b\[31m"/],
];
for (const [args, message] of mistakes) {
  test(`mistake: ${JSON.stringify(args.join(" "))}`, () => {
    const result = parseCommandLine(args, terminal);
    assert.ok(!result.ok, "accepted");
    assert.match(result.message, message);
    assert.match(usageErrorText(result, false), /^socklens: [^\n]+\n$/);
  });
}

test("the screen needs a terminal, the writers do not", () => {
  const result = parseCommandLine([], { terminal: false });
  assert.ok(!result.ok);
  assert.match(result.message, /standard output is not a terminal: use --json, --csv or --plain/);
  assert.ok(parseCommandLine(["--json"], { terminal: false }).ok);
  const dumb = parseCommandLine([], { terminal: true, dumb: true });
  assert.deepEqual(dumb, { ok: false, message: "TERM=dumb shows no screen: use --json, --csv or --plain" });
  assert.ok(parseCommandLine(["--plain"], { terminal: true, dumb: true }).ok);
  const played = parseCommandLine(["replay", "a"], { terminal: true, dumb: true });
  assert.ok(played.ok && played.command.kind === "replay", "a table in the place of the screen");
  const replay = parseCommandLine(["replay", "a"], { terminal: false });
  assert.ok(replay.ok && replay.command.kind === "replay" && replay.command.output.format === "plain");
  const fast = parseCommandLine(["replay", "a", "--speed", "max"], { terminal: false });
  assert.ok(!fast.ok);
  assert.match(fast.message, /--speed is for the screen: standard output is not a terminal/);
  assert.ok(parseCommandLine(["--help"], { terminal: false }).ok);
});

test("on a terminal the place in a bad expression is marked", () => {
  const result = parseCommandLine(["--filter", "pid:1 and prt:2"], terminal);
  assert.ok(!result.ok);
  assert.equal(usageErrorText(result, true).split("\n").slice(1).join("\n"), "  pid:1 and prt:2\n            ^^^\n");
});

test("no command line makes the parser throw, and every mistake is one clean line", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "--json",
      "--csv",
      "--plain",
      "--by",
      "process",
      "--interval",
      "1",
      "-i",
      "eth0",
      "-f",
      "--",
      "-",
      "replay",
      "doctor",
      "help",
      "--help",
      "--filter",
      "port:",
      "-ri",
      "--no-color",
      "--no-json",
      "--filter=a(",
    ),
    fc.string({ maxLength: 8, unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), fc.boolean(), (args, isTerminal) => {
      const result = parseCommandLine(args, { terminal: isTerminal });
      if (result.ok) return;
      assert.doesNotMatch(result.message, /\p{Cc}/u);
      assert.ok(result.message.length > 5);
    }),
    { numRuns: 3000 },
  );
});
