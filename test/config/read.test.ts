import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { parse } from "smol-toml";
import { locate, pathKey } from "../../src/app/config/positions.ts";
import { printConfiguration } from "../../src/app/config/print.ts";
import {
  noFile,
  readConfiguration,
  readRemembered,
  resolveConfiguration,
  writeRemembered,
  type Configuration,
  type ConfigurationFile,
} from "../../src/app/config/index.ts";

const fileOf = (text: string): ConfigurationFile => {
  const reading = readConfiguration(text);
  assert.ok(reading.ok, reading.ok ? "" : JSON.stringify(reading.problems));
  return reading.file;
};

const problemsOf = (text: string): string[] => {
  const reading = readConfiguration(text);
  assert.ok(!reading.ok, "no mistake was found");
  return reading.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
};

const resolved = (
  file: ConfigurationFile,
  options: Parameters<typeof resolveConfiguration>[1] = {},
  environment: Record<string, string> = {},
): Configuration => {
  const configuration = resolveConfiguration(file, options, environment);
  assert.ok(!("problem" in configuration), "problem" in configuration ? configuration.problem : "");
  return configuration;
};

const whole = `
theme = "mine"
language = "de"
refresh = 1000
confirm_quit = true
[overview]
filter = "proto:tcp"
sort = "process"
order = "descending"
group = "host"
closed = true
names = false
services = false
sidebar = false
[columns]
order = ["state", "process"]
hidden = ["rtt"]
shown = ["user"]
width = { process = 30, "rx_rate" = 12 }
[thresholds]
stale = 0.5
critical = 0.6
rtt_stale = 10
rtt_critical = 20.5
[keys]
quit = "Q"
filter = ["/", "ctrl-f"]
page_down = "pagedown"
freeze = []
[keys.processes]
sort = ["o"]
[interfaces.eth0]
label = "WAN"
[interfaces."veth.1"]
hidden = true
[themes.mine]
base = "nord"
light = true
[themes.mine.roles]
process = { fg = "#ff0000", bold = true }
muted = "bright-black"
`;

test("a file says everything, and everything arrives", () => {
  const one = resolved(fileOf(whole));
  assert.equal(one.theme?.name, "mine");
  assert.equal(one.theme.light, true);
  assert.deepEqual(one.theme.roles.process, { fg: { rgb: 0xff0000, ansi: 9 }, bold: true });
  assert.equal(one.theme.roles.muted.fg?.ansi, 8);
  assert.equal(one.language, "de");
  assert.equal(one.refresh, 1000);
  assert.deepEqual(one.confirm, { quit: true, clear: false });
  assert.equal(one.filter, "proto:tcp");
  assert.equal(one.staleShare, 0.5);
  assert.equal(one.criticalShare, 0.6);
  const { interfaces, ...rest } = one.settings;
  assert.deepEqual(rest, {
    columns: { order: ["state", "process"], hidden: ["rtt"], shown: ["user"], widths: { process: 30, rxRate: 12 } },
    sort: "process",
    descending: true,
    grouping: "host",
    closed: true,
    names: false,
    services: false,
    sidebar: false,
    rttStale: 10,
    rttCritical: 20.5,
  });
  assert.deepEqual({ ...interfaces }, { eth0: { label: "WAN" }, "veth.1": { hidden: true } });
  const keysOf = (command: string, context: string): readonly string[] | undefined =>
    one.keys.find((binding) => binding.command === command && binding.context === context)?.keys;
  assert.deepEqual(keysOf("quit", "any"), ["Q"]);
  assert.deepEqual(keysOf("freeze", "any"), []);
  assert.deepEqual(keysOf("sort", "processes"), ["o"]);
  assert.deepEqual(keysOf("sort", "overview"), ["s"]);
});

test("what is printed reads back as the same", () => {
  for (const text of ["", whole]) {
    const first = resolved(fileOf(text));
    const again = resolved(fileOf(printConfiguration(first, "config.toml")));
    const { values: _first, file: firstFile, ...held } = first;
    const { values: _again, file: againFile, ...heldAgain } = again;
    assert.deepEqual(heldAgain, held);
    assert.deepEqual(againFile.widths, firstFile.widths);
  }
});

test("an option holds before the environment, that before the file, that before the program's own", () => {
  const file = fileOf('refresh = 300\ntheme = "nord"');
  assert.equal(resolved(noFile).refresh, 500);
  assert.equal(resolved(file).refresh, 300);
  assert.equal(resolved(file, {}, { SOCKLENS_REFRESH: "200" }).refresh, 200);
  assert.equal(resolved(file, { refresh: 100 }, { SOCKLENS_REFRESH: "200" }).refresh, 100);
  assert.equal(resolved(file, {}, { SOCKLENS_THEME: "" }).theme?.name, "nord");
  const print = printConfiguration(resolved(file, { refresh: 100 }, { SOCKLENS_THEME: "dracula" }), "x");
  assert.match(print, /\(from --refresh\)\nrefresh = 100/);
  assert.match(print, /\(from SOCKLENS_THEME\)\ntheme = "dracula"/);
});

test("mistakes outside of the file name the variable or the option", () => {
  const problem = (options: object, environment: Record<string, string>): string => {
    const found = resolveConfiguration(noFile, options as Record<string, string>, environment);
    return "problem" in found ? found.problem : "";
  };
  assert.match(problem({}, { SOCKLENS_REFRESH: "fast" }), /^SOCKLENS_REFRESH: must be a whole number from 50/);
  assert.match(problem({ theme: "nrod" }, {}), /^--theme: there is no theme "nrod"; did you mean "nord"/);
  assert.match(problem({}, { SOCKLENS_FILTER: "(" }), /^SOCKLENS_FILTER: /);
});

const mistakes: readonly (readonly [string, string | RegExp])[] = [
  ["theme = \n", /^1:9: /],
  ["a = 1\na = 2", /^2:1: /],
  [
    'colour = "x"',
    '1:1: unknown key "colour"; there are theme, language, refresh, confirm_quit, confirm_clear, overview, columns, thresholds, width',
  ],
  ['them = "nord"', '1:1: unknown key "them"; did you mean "theme"?'],
  ['theme = "nrod"', '1:9: unknown theme "nrod"; did you mean "nord"?'],
  ["refresh = 10", "1:11: refresh: must be a whole number from 50 to 60000"],
  ["refresh = 100.5", "1:11: refresh: must be a whole number from 50 to 60000"],
  ['[overview]\n  sort = "rx_rat"', '2:10: sort: unknown value "rx_rat"; did you mean "rx_rate"?'],
  ['[overview]\nfilter = "prozess:x"', /^2:10: filter: no field is called "prozess"; did you mean "process"/],
  ["overview = 3", "1:12: overview: must be a table, not a number"],
  ["[overview]\nnames = 2026-01-01", "2:9: names: must be true or false"],
  ['columns.hidden = ["pid",\n  "pidd"]', '2:3: unknown value "pidd"; did you mean "pid"?'],
  ['columns.order = ["pid", "pid"]', '1:25: "pid" stands here twice'],
  ["[columns.width]\nprocess = 2", "2:11: process: must be a whole number from 3 to 200"],
  ["[columns.width]\nproces = 20", '2:1: unknown column "proces"; did you mean "process"?'],
  ['[keys]\nqit = "x"', '2:1: unknown command "qit"; did you mean "quit"?'],
  ['[keys]\nquit = "ctrl+q"', /^2:8: "ctrl\+q" is not a key: /],
  ['[keys]\nquit = ["q", 3]', "2:8: quit: must be a key or an array of keys, not an array"],
  ['[keys.overvie]\nquit = "x"', '1:1: unknown table of keys "overvie"; did you mean "overview"?'],
  ['[keys.details]\ngroup = "x"', '2:1: "group" is not a command of details'],
  ['[keys]\nfreeze = "s"', /^2:10: "s" is the key of "sort" too/],
  ['[keys]\nsort = ["z"]\nfreeze = ["z"]', /^[23]:\d+: "z" is the key of "(sort|freeze)" \(line [23]\) too/],
  ["[interfaces.eth0]\nname = 1", '2:1: unknown key "name"; there are label, hidden'],
  ["interfaces.averyveryverylongname = {}", /^1:1: .* cannot be the name of an interface/],
  ["[thresholds]\nstale = 0.95", "2:9: stale (0.95) must not be above critical (0.9)"],
  ["[themes.nord]", '1:1: there is a theme "nord" already: give yours another name'],
  ['[themes.x.roles]\nprocess = "reddish"', /^2:11: a colour is/],
  ["[themes.x.roles]\nproces = {}", /^2:\d+: there is no role "proces"/],
  ['[themes.x.roles]\nprocess = { fg = "red", blod = true }', /^2:\d+: .*there is no "blod"/],
  ['[themes.x]\nbase = "nrod"', /^2:8: there is no theme "nrod"/],
  ['[themes.x]\nname = "y"', "2:1: the name of a theme is that of its table"],
];

for (const [text, expected] of mistakes) {
  test(`mistake: ${text.replaceAll("\n", " / ")}`, () => {
    const [first = ""] = problemsOf(text);
    if (typeof expected === "string" && !expected.includes("there are")) assert.equal(first, expected);
    else if (typeof expected === "string") assert.ok(first.startsWith(expected.split(";")[0] ?? ""), first);
    else assert.match(first, expected);
  });
}

test("several mistakes come in the order of the file", () => {
  const lines = problemsOf('[overview]\nnames = 1\n[keys]\nfoo = "x"\n[columns]\nordr = []');
  assert.deepEqual(
    lines.map((line) => line.split(":")[0]),
    ["2", "4", "6"],
  );
});

test("a key that is taken away may be given to another command; two swap", () => {
  const file = fileOf('[keys]\nsort = "x"\nclear = "s"');
  assert.deepEqual(file.keys.find((one) => one.command === "clear")?.keys, ["s"]);
});

test("any text reads or is refused with a place in it, and nothing throws", () => {
  const words = fc.constantFrom(
    "theme",
    "=",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "\n",
    ".",
    "keys",
    "a",
    "1",
    "#",
    "\\",
    '"""',
    ",",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 30 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(text, (content) => {
      const reading = readConfiguration(content);
      locate(content);
      if (reading.ok) return;
      for (const { line, column } of reading.problems) {
        assert.ok(line >= 1 && line <= content.split("\n").length + 1 && column >= 1, `${line}:${column}`);
      }
    }),
    { numRuns: 500 },
  );
});

test("names that objects have of themselves are names like others", () => {
  assert.match(problemsOf("__proto__ = 1")[0] ?? "", /unknown/);
  assert.match(problemsOf("[interfaces.constructor]\nhidden = 3")[0] ?? "", /hidden/);
  assert.match(problemsOf("[keys]\ntoString = 'x'")[0] ?? "", /unknown command/);
});

test("every key of a valid document is found where it stands", () => {
  const text =
    whole + '\n[[list]]\nx = """a\n"b" = 1\n"""\ny = [{ z = \'\'\'q\'\'\' }, 5]\n[[list]]\n"k y" . b = 1 # c = 2\n';
  const document: unknown = parse(text);
  const places = locate(text);
  const lines = text.split("\n");
  const visit = (value: unknown, path: (string | number)[]): void => {
    const place = places.get(pathKey(path));
    if (path.length > 0) assert.ok(place !== undefined, path.join("."));
    if (Array.isArray(value)) value.forEach((one, index) => visit(one, [...path, index]));
    else if (typeof value === "object" && value !== null) {
      for (const [name, one] of Object.entries(value)) visit(one, [...path, name]);
    } else if (place !== undefined && typeof value === "number") {
      assert.ok(
        (lines[place.value.line - 1] ?? "").slice(place.value.column - 1).startsWith(String(value)),
        path.join("."),
      );
    }
  };
  visit(document, []);
});

test("what is remembered comes back, but for columns that were configured anew", () => {
  const columns = { order: ["state", "process"], hidden: ["pid"], shown: ["user"], widths: { process: 20 } } as const;
  const configured = { hidden: ["rtt"] } as const;
  const orders = { processes: ["peak_rate", "pid"], routes: ["metric"] };
  const ordered = writeRemembered({ filters: [], orders }, undefined);
  assert.deepEqual(readRemembered(ordered, undefined), { filters: [], orders });
  const odd = JSON.stringify({ version: 1, orders: { processes: "x", routes: [1, "metric"], other: ["a"] } });
  assert.deepEqual(readRemembered(odd, undefined), { filters: [], orders: { routes: ["metric"] } });
  const text = writeRemembered({ columns, filters: ["a", "b"] }, configured);
  assert.deepEqual(readRemembered(text, configured), { columns, filters: ["a", "b"] });
  assert.deepEqual(readRemembered(text, {}), { filters: ["a", "b"] });
  const long = writeRemembered(
    { filters: Array.from({ length: 100 }, (_, i) => `${i}${"x".repeat(1000)}`) },
    undefined,
  );
  assert.ok(long.length <= 12_288);
  assert.equal(readRemembered(long, undefined).filters?.at(-1), `99${"x".repeat(1000)}`);
});

test("a state that somebody else wrote does no harm", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc
          .jsonValue()
          .map((value) => JSON.stringify({ version: 1, columns: value, filters: value, configuredColumns: "{}" })),
      ),
      (text) => {
        const { filters = [], columns } = readRemembered(text, undefined);
        assert.ok(filters.every((one) => typeof one === "string"));
        assert.ok(columns === undefined || Array.isArray(columns.order));
      },
    ),
  );
});

test("the example of docs/USAGE.md is a configuration", () => {
  const text = readFileSync(new URL("../../docs/USAGE.md", import.meta.url), "utf8");
  const [, example] = /```toml\n([\s\S]*?)```/.exec(text) ?? [];
  assert.ok(example !== undefined);
  const one = resolved(fileOf(example));
  assert.equal(one.theme?.name, "mine");
  assert.equal(one.settings.interfaces?.["eth0"]?.label, "WAN");
});
