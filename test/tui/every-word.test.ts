/**
 * No word that a person reads is written into the program beside the catalogues: in a language whose only letter is one
 * that English does not have, what is left in Latin letters is data, a unit, a key, or a name of the field.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, complete, fieldReference, problemTexts, unitHint } from "../../src/query/index.ts";
import { noLosses } from "../../src/model/index.ts";
import { languages, type Language } from "../../src/tui/language.ts";
import { english, type MessageKey } from "../../src/tui/messages.ts";
import { mistakeText, offerText, type QueryWords } from "../../src/tui/query-words.ts";
import { FakePlayback } from "./fake-playback.ts";
import { connection, owner, snapshotOf, story } from "./story.ts";

const letter = "ж";
const disguised = (text: string): string =>
  text.replace(/\{\w+\}|[A-Za-z]/g, (part) => (part.length > 1 ? part : letter));
const disguisedAll = <Words extends Readonly<Record<string, string>>>(words: Words): Words =>
  Object.fromEntries(Object.entries(words).map(([key, text]) => [key, disguised(text)])) as Words;

const translated = languages.filter(({ query }) => query !== undefined);
const german = translated[0]?.query;
assert.ok(german !== undefined);

const query: QueryWords = {
  problems: disguisedAll(problemTexts as Record<keyof typeof problemTexts, string>),
  units: disguisedAll(unitHint),
  fields: disguisedAll(german.fields),
  flags: disguisedAll(german.flags),
  operators: disguisedAll(german.operators),
};
const strange: Language = {
  code: "en",
  name: letter,
  messages: disguisedAll(english as Record<MessageKey, string>),
  query,
};

/** Data without a Latin letter, but for what the program itself calls so. */
const rows = [
  connection(1, {
    process: owner("яя", 5),
    hostname: "юю.юю",
    application: { name: "юю", by: "payload", facts: {} },
    quality: { rtt: 12, retransmits: 3, lost: 1 },
    rxRate: 5000,
    rxRate10: 5000,
    geo: { country: "цц" },
  }),
  connection(2, { process: owner("щщ", 6), liveliness: "closed", state: "CLOSE" }),
];
const snapshot = snapshotOf(rows, {
  level: { level: "capture", reason: "ыы", missing: ["ыы"] },
  losses: { ...noLosses, unattributedBytes: 5000, framesDropped: 4 },
});

/** Units, keys, formats, and names that are the same in all languages (themes, states, words of the filter and of the kernel). */
const known = new Set(
  `Socklens TCP ESTABLISHED CLOSE MB GB kB ms min Enter Esc Space Home End PgUp PgDn Tab Shift-Tab JSON CSV TXT
   ESTAB eth0 ether up default global dhcp main link kernel static unreachable reachable failed stale router Maker of db8 dead
   default-light dracula solarized-dark solarized-light monokai nord gruvbox catppuccin tokyo-night terminal high-contrast
   color-blind`.split(/\s+/),
);
/** A dialog may lie over a part of a word. */
const isKnown = (word: string): boolean =>
  [...known].some((one) => one.startsWith(word) || one.endsWith(word)) ||
  /^(Ctrl-[A-Z]|F1|\d*[dhms]\d*\w*|socklens-\d+-\d+.*|[a-f\d:]+)$/.test(word);

/** Keys of a screen, and what of it may stand in Latin letters. */
const screens: readonly (readonly [keys: string, allowed?: RegExp, replays?: true])[] = [
  [""],
  ["aj"],
  ["AA"],
  ["t"],
  ["/po", /^(po\w*|\w*port|iface|s?dport|ns|pod|is|country|example|frontend|[a-z]+:\S*)$/],
  ["/is:", /^(is|closed|live|stale|loopback|listen|inbound|outbound)$/],
  ["/is:xx\r", /^(is|xx|is:xx|closed|live|stale|loopback|listen|inbound|outbound)$/],
  ["/(\r"],
  ["/xxx\r", /^xxx$/],
  ["2"],
  ["2v"],
  ["2vv"],
  ["2j "],
  ["4"],
  ["j\r", /^T[\d:.]+Z$/],
  ["5"],
  ["5v"],
  ["5vv"],
  ["5W"],
  ["5l"],
  ["6"],
  ["6j"],
  ["h"],
  ["2h"],
  ["5h"],
  ["6h"],
  [":"],
  [":zzz", /^zzz$/],
  ["T"],
  ["e"],
  ["q"],
  ["x"],
  ["C"],
  ["P", /^host-\d/],
  ["f"],
  ["gm"],
  ["hGG", /^Shift-/, true],
  ["L", /^1x$/, true],
  [";\r", /^(1x|[+-]?\d+[ms])$/, true],
];

for (const size of ["80x24", "120x40", "200x50"]) {
  test(`at ${size} every word is in the catalogue`, async () => {
    const found: string[] = [];
    const options = { language: strange, confirm: { quit: true, clear: true } };
    for (const [keys, allowed, replays] of screens) {
      const one = story(size, snapshot, replays === true ? { ...options, playback: new FakePlayback() } : options);
      const lines = await one.keys(keys);
      for (const word of lines.join("\n").match(/[A-Za-z][\w.:-]*\w/g) ?? []) {
        if (!isKnown(word) && allowed?.test(word) !== true) found.push(`${JSON.stringify(keys)}: ${word}`);
      }
    }
    assert.deepEqual([...new Set(found)], []);
  });
}

/** What is the same word in English and there. */
const same: Readonly<Record<string, string>> = {
  de: "Dashboard,Interface,Interfaces,Details,PID,Proto,App,RTT,↓ Rate,↑ Rate,Container,Name,MTU,MAC,Filter,Ports,Format,Segmente,Tunnel,Unit,max",
  fr: "Applications,Routes,{count} segments,PID,Local,Service,Proto,App,RTT,↓ Total,↑ Total,Interface,Interfaces,Parent,MTU,MAC,Destination,Table,Source,service,application,Services,Ports,Format,Tunnel,max",
  es: "Retrans,PID,Local,Proto,App,RTT,↓ Total,↑ Total,MTU,MAC,Interfaces,General,No",
  ja: "PID,Proto,App,RTT,MTU,MAC",
  zh: "PID,RTT,MTU,MAC",
};

for (const { code, name, messages } of translated) {
  test(`${name}: what is called as in English is so on purpose`, () => {
    const known = new Set((same[code] ?? "").split(","));
    const equal = (Object.keys(english) as MessageKey[]).filter(
      (key) => messages[key] === english[key] && /[A-Za-z]{2}/.test(english[key].replace(/\{\w+\}/g, "")),
    );
    const forgotten = equal.filter((key) => !known.has(english[key]));
    assert.deepEqual(forgotten, [], "translate them, or put them into the list of this test");
  });
}

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

for (const { name, query: words } of translated) {
  test(`${name}: the filter has words for every field, flag, unit and mistake, with their values`, () => {
    assert.ok(words !== undefined);
    const fields = fieldReference().map((field) => field.name);
    assert.deepEqual(
      fields.filter((field) => !words.fields[field]),
      [],
    );
    assert.deepEqual(
      Object.keys(words.fields).filter((field) => !fields.includes(field)),
      [],
    );
    for (const [code, text] of Object.entries(problemTexts)) {
      const there: string = words.problems[code as keyof typeof problemTexts];
      assert.deepEqual(placeholders(there), placeholders(text), code);
      assert.notEqual(there, text, code);
    }
    for (const text of ["", "is:", "port:1 "]) {
      for (const item of complete(text, text.length).items) {
        const { about } = item;
        assert.ok(about !== undefined && item.summary !== "", item.text);
        const own: Readonly<Record<string, string>> = {
          field: words.fields,
          flag: words.flags,
          operator: words.operators,
        }[about.kind];
        const word: string = own[about.name] ?? "none";
        assert.ok(offerText(item, words).startsWith(word), item.text);
      }
    }
    assert.deepEqual(Object.keys(words.units).sort(), Object.keys(unitHint).sort());
  });
}

test("a mistake is told in the language in force, an offer too, at 80 columns", async () => {
  for (const language of translated) {
    const one = story("80x24", snapshot, { language });
    const wrong = compile("(port:443");
    assert.ok(!wrong.ok);
    assert.ok((await one.keys("/(port:443")).join("\n").includes(mistakeText(wrong.problem, language.query)));
    assert.doesNotMatch((await one.lines()).join("\n"), /this \( is not closed/);
    await one.keys("\x15/dpor");
    const offer = (await one.keys("\x15dpor")).join("\n");
    assert.ok(offer.includes(language.query?.fields["dport"] ?? "none"), offer);
  }
});
