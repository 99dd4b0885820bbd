import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMillis, pid, type Connection, type KnownName, type ProcessInfo } from "../../src/model/index.ts";
import { textWidth } from "../../src/tui/glyphs.ts";
import { languages } from "../../src/tui/language.ts";
import { fill } from "../../src/tui/messages.ts";
import { connection, noon, owner, snapshotOf, story, threeRows, type Story } from "./story.ts";

const alice = { id: 1000, name: "alice" };
const root = { id: 0, name: "root" };

/** A browser that a person started from a shell. */
const browser: ProcessInfo = {
  ...owner("firefox", 4242),
  executable: "/usr/lib/firefox/firefox",
  commandLine: ["/usr/lib/firefox/firefox", "--profile", "/home/alice/x y", "https://www.example.org/"],
  workingDirectory: "/home/alice",
  parent: { pid: pid(900), name: "bash" },
  user: alice,
  groupId: 1000,
  service: "user@1000.service",
  container: { id: "0123456789abcdef", runtime: "docker", name: "desk" },
};
const lineage: readonly ProcessInfo[] = [
  browser,
  { ...owner("bash", 900), commandLine: ["-bash"], workingDirectory: "/home/alice", user: alice },
  { ...owner("sshd", 801), executable: "/usr/sbin/sshd", commandLine: ["sshd: alice"], user: root },
  { ...owner("systemd", 1), executable: "/sbin/init", commandLine: ["/sbin/init", "splash"], user: root },
];

/** A connection of which nearly everything is known. */
const known: Connection = connection(1, {
  ...threeRows[0],
  process: browser,
  family: { name: "Example", category: "web", source: "sni" },
  geo: { country: "US", asn: 15_133, organization: "Edgecast" },
  interfaceName: "eth0",
  quality: { rtt: 12.34, minRtt: 11, retransmits: 2, lost: 0, congestionWindow: 10 },
  application: {
    name: "tls",
    by: "payload",
    hostname: "www.example.org",
    hostnameSource: "sni",
    facts: {
      tls: {
        sni: "www.example.org",
        version: "TLS 1.3",
        ja4: "t13d1516h2_8daaf6152771_02713d6af862",
        subject: "CN=www.example.org",
        tor: true,
        encrypted_dns: "doh",
        encrypted_dns_by: "sni",
      },
    },
  },
});

function detailsOf(size: string, row: Connection, chain = lineage): Story {
  const one = story(size, undefined);
  one.engine.lineage = () => chain;
  one.screen.update(snapshotOf([row]));
  one.terminal.type("j\r");
  return one;
}

for (const size of ["80x120", "120x60", "200x50"]) {
  test(`${size}: every fact stands in its card`, async () => {
    const text = (await detailsOf(size, known).lines()).join("\n");
    for (const expected of [
      /── firefox → www\.example\.org ─/,
      /╭─ Connection ─.*╮[^]*╭─ Process|╭─ Connection ─+╮╭─ Process ─/,
      /Remote +93\.184\.216\.34:443/,
      /State +ESTABLISHED {2}live/,
      /Started +11:58:55 {2}1m05s ago/,
      /systemd \(1\) {2}root \(0\) · 11:00:00 \(1h00m\)/,
      /│ {2}\/sbin\/init splash/,
      /└─ sshd \(801\)/,
      /│ {2}\/usr\/sbin\/sshd: 'sshd: alice'/,
      / {3}└─ bash \(900\) {2}alice \(1000\)/,
      / {6}└─ firefox \(4242\)/,
      /Executable +\/usr\/lib\/firefox\/firefox/,
      /Directory +\/home\/alice/,
      /PID +4242/,
      /User +alice \(1000\)/,
      /Unit +user@1000\.service/,
      /Container +desk docker 0123456789abcdef/,
      /Host name +www\.example\.org {2}named in TLS \(SNI\)/,
      /Service +https {2}by port: a hint only/,
      /Belongs to +Example \(web\)/,
      /Country +US/,
      /ASN +15133/,
      /Organization +Edgecast/,
      /Protocol +tls {2}by payload/,
      /tls\.version +TLS 1\.3/,
      /tls\.ja4 +t13d1516h2_8daaf6152771_02713d6af8/,
      /tls\.tor +true/,
      /tls\.encrypted_dns +doh/,
      /tls\.subject +CN=www\.example\.org/,
      /RTT +12\.3 ms/,
      /Lowest RTT +11\.0 ms/,
      /Retransmits +2/,
      /Congestion window 10/,
      /↑ Rate +340 kB\/s/,
      /Received +1\.24 GB \(1,240,000,000 B\)/,
      /Packets +↓ 20 {2}↑ 10/,
      /Process +stamped by the kernel as the process used/,
      /Encrypted DNS by the resolver's name/,
      /Tor +a certificate as Tor makes them/,
      /Country +by the GeoIP database/,
      /Quality +the kernel's own TCP state/,
      /Counters +counted by the kernel at the socket/,
    ]) {
      assert.match(text, expected);
    }
  });
}

test("a name stands once with all that say so; what DNS called the address stands below", async () => {
  const one = story("120x50", undefined);
  let names: readonly KnownName[] = [
    { name: "edge.example.net", source: "dns" },
    { name: "www.example.org", source: "dns" },
  ];
  one.engine.namesOf = () => names;
  one.screen.update(snapshotOf([known]));
  const expected =
    /Host name +www\.example\.org +│\n│ +named in TLS \(SNI\), from a DNS answer +│\n│ Host name +edge\.example\.net {2}from a DNS answer/;
  const text = (lines: readonly string[]): string => lines.map((line) => line.slice(0, 60)).join("\n");
  assert.match(text(await one.keys("j\r")), expected);
  names = [];
  one.screen.update(snapshotOf([]));
  assert.match(text(await one.lines()), expected, "they stay with a connection that is gone");
});

test("hardware addresses come with the maker of the card", async () => {
  const row = { ...known, localMac: "00:00:0c:12:34:56", remoteMac: "02:00:00:00:00:01" };
  const text = (await detailsOf("120x50", row).lines()).join("\n");
  assert.match(text, /Local MAC +00:00:0c:12:34:56 {2}Maker of 00:00:0c/);
});

test("what was sent again is a share of what was sent", async () => {
  const row = { ...known, txPackets: 640 };
  assert.match((await detailsOf("120x50", row).lines()).join("\n"), /Retransmits +2 {2}0\.31 % of 640 segments sent/);
});

test("without the engine's help the parent is what the process remembers; Escape goes back", async () => {
  const one = story("120x40", snapshotOf([known]));
  assert.match((await one.keys("j\r")).join("\n"), /│ bash \(900\) [^]*└─ firefox \(4242\)/);
  one.screen.key({ kind: "key", key: "escape" });
  assert.ok((await one.lines()).some((line) => line.includes("Connections 1")));
});

test("a row without an owner says so, and cards of which nothing is known are left out", async () => {
  const text = (await detailsOf("120x40", connection(5, { attribution: "none" }), []).lines()).join("\n");
  assert.match(text, /<unknown>/);
  assert.match(text, /Process +nobody could tell/);
  assert.match(text, /Counters +counted by packets/);
  for (const title of ["Quality", "Names and places", "Protocol"])
    assert.doesNotMatch(text, new RegExp(`─ ${title} ─`));
});

test("details scroll, follow the connection, and keep it when it is gone", async () => {
  const one = story("80x12", snapshotOf(threeRows));
  assert.match((await one.keys("j\r")).join("\n"), /─ Connection ─/);
  assert.match((await one.keys("\x04\x04G")).join("\n"), /Counters +counted by the kernel/);
  assert.match((await one.keys("g")).join("\n"), /─ Connection ─/);
  const [first, ...others] = threeRows;
  assert.ok(first);
  one.screen.update(snapshotOf([{ ...first, state: "FIN_WAIT1" }, ...others]));
  assert.match((await one.keys("\x04")).join("\n"), /State +FIN_WAIT1/);
  const end = epochMillis(noon + 1000);
  one.screen.update(snapshotOf([{ ...first, state: "CLOSE", liveliness: "closed", end, endReason: "fin" }]));
  assert.match((await one.lines()).join("\n"), /─ closed ─[^]*State +CLOSE {2}closed[^]*Ended +12:00:01 {2}fin · /);
  one.screen.update(snapshotOf(others));
  assert.match((await one.lines()).join("\n"), /no longer in the table[^]*State +CLOSE/);
});

test("the wheel looks around, and the next key comes back to the cursor", async () => {
  const one = detailsOf("80x20", known);
  assert.match((await one.keys("\x1b[<65;5;5M".repeat(6))).join("\n"), /Executable/);
  assert.doesNotMatch((await one.lines()).join("\n"), /Remote +93/);
  assert.match((await one.keys("j")).join("\n"), /Local +10\.0\.0\.5/);
  assert.match((await one.keys("\x1b[<65;5;5M".repeat(200))).join("\n"), /Counters +counted/);
  assert.match((await one.keys("c")).at(-1) ?? "", /Copied 10\.0\.0\.5:40000/);
});

test("a click chooses the field, and c copies it; what a card says of times is copied whole", async () => {
  const one = detailsOf("120x50", known);
  const lines = await one.lines();
  const click = async (text: string): Promise<string> => {
    const y = lines.findIndex((line) => line.includes(text));
    const x = (lines[y] ?? "").indexOf(text);
    return (await one.keys(`\x1b[<0;${x + 2};${y + 1}Mc`)).at(-1) ?? "";
  };
  assert.match(await click("Organization"), /Copied Edgecast$/);
  assert.match(await click("Last active"), /Copied 2026-03-01T12:00:00\.000Z$/);
  assert.match(await click("tls.ja4"), /Copied t13d1516h2_8daaf6152771_02713d6af862$/);
  assert.match(await click("Received"), /Copied 1240000000$/);
  assert.match(await click("bash (900)"), /Copied bash \(900\) · alice \(1000\) · 11:00:00 \(1h00m\)/);
  assert.match(await click("sshd: alice'"), /Copied \/usr\/sbin\/sshd: 'sshd: alice'$/);
});

test("graphs begin when the connection is opened, and show what it did since", async () => {
  const one = detailsOf("120x50", known);
  assert.doesNotMatch((await one.lines()).join("\n"), /[▂-█]{3}/);
  for (let second = 1; second <= 40; second++) {
    const rxBytes = known.rxBytes + second * 1_000_000;
    const quality = { ...known.quality, rtt: second === 20 ? 80 : 20 };
    one.screen.update(snapshotOf([{ ...known, rxBytes, quality }], { time: epochMillis(noon + second * 1000) }));
  }
  const text = (await one.lines()).join("\n");
  assert.match(text, /RTT +20\.0 ms +peak 80\.0 ms · 40s/);
  assert.match(text, /↓ Rate +12\.4 MB\/s +peak 12\.4 MB\/s · 40s/);
  assert.match(text, /█{18}/);
  // Another connection has a history of its own.
  one.screen.update(snapshotOf([{ ...known, id: 2 as never }], { time: epochMillis(noon + 41_000) }));
  assert.doesNotMatch((await one.keys("1j\r")).join("\n"), /peak/);
});

test("long values wrap inside the frame, at words where there are any", async () => {
  const commandLine = ["/usr/bin/long", ...Array.from({ length: 40 }, (_, i) => `--option-${i}=日本`)];
  const row = connection(1, { process: { ...owner("long", 1), commandLine } });
  const lines = await story("80x80", snapshotOf([row])).keys("\r");
  assert.match(lines.join("\n").replaceAll(/[│\s█]/g, ""), /--option-39=日本/);
  const inside = lines.filter((line) => line.startsWith("│"));
  assert.ok(inside.length > 20);
  for (const line of inside) assert.match(line, /[│█]$/);
  assert.equal(lines.join("\n").match(/--option-\d+=日本/g)?.length, 40);
});

test("times in the details are of the snapshot's clock", async () => {
  const row = connection(1, { lastActivity: epochMillis(noon - 90_000) });
  const text = (await story("120x40", snapshotOf([row])).keys("\r")).join("\n");
  assert.match(text, /Last active +11:58:30 {2}1m30s ago/);
});

test("facts of any shape are bounded lines", async () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key${i}`, "x".repeat(5000)]));
  const cyclic: Record<string, unknown> = { list: [{ a: 1 }, { b: [2, 3] }], wide };
  cyclic["self"] = cyclic;
  const row = connection(1, { application: { name: "odd", by: "inferred", facts: { odd: cyclic } } });
  const one = story("80x50", snapshotOf([row]));
  const text = (await one.keys("\r")).join("\n");
  assert.match(text, /Protocol +odd {2}inferred/);
  assert.match(text, /odd\.list\[0\]\.a +1/);
  assert.match(text, /odd\.list\[1\]\.b +2, 3/);
  assert.match((await one.keys("G")).join("\n"), /Counters +counted/);
});

for (const language of languages) {
  test(`${language.name}: every card and every label, within the frame`, async () => {
    const { messages } = language;
    for (const size of ["20x8", "80x120", "120x60", "200x50"]) {
      const one = story(size, undefined, { language });
      one.engine.lineage = () => lineage;
      one.screen.update(snapshotOf([known]));
      const lines = await one.keys("j\r");
      const [width = 0] = size.split("x").map(Number);
      for (const line of lines) assert.ok(textWidth(line) <= width, line);
      if (width < 80) continue;
      const text = lines.join("\n");
      for (const key of [
        ...(["cardConnection", "columnProcess", "cardNames", "cardProtocol", "panelQuality", "cardCounters"] as const),
        ...(["cardEvidence", "columnRemote", "columnDirection", "directionOutbound", "fieldStarted"] as const),
        ...(["fieldLastActivity", "fieldExecutable", "fieldCommandLine", "fieldDirectory", "fieldUnit"] as const),
        ...(["fieldFamily", "fieldCountry", "fieldOrganization", "bySni", "byPayload", "byPortNumber"] as const),
        ...(["fieldMinRtt", "fieldRetransmits", "fieldLost", "fieldReceived", "fieldSent", "fieldPackets"] as const),
        ...(["qualityKernel", "byTorCertificate", "byGeoDatabase", "fieldWindow"] as const),
      ]) {
        assert.ok(text.includes(messages[key]), `${size}: ${key}: ${messages[key]}`);
      }
      const ago = fill(messages.fieldAgo, { age: "1m05s" });
      assert.ok(text.includes(ago), ago);
    }
  });
}

test("wide and hostile names, no colours, no Unicode: the frame stays whole", async () => {
  const names = [
    "日本語プロセス名がとても長いのである",
    "\x1b]0;owned\x07",
    "e\u0301".repeat(40),
    "👍👍👍👍👍👍",
    "\u202eevil",
    "a\nb",
  ];
  const process: ProcessInfo = {
    ...owner(names[0]!, 7),
    executable: `/opt/${names[3]}/x`,
    commandLine: names,
    workingDirectory: `/${names[2]}`,
    service: names[4]!,
    user: { id: 5, name: names[1]! },
  };
  const chain = [process, ...names.map((name, i) => ({ ...process, name, pid: pid(100 + i) }))];
  const facts = { odd: Object.fromEntries(names.map((name) => [name, name])) };
  const application = { name: "odd", by: "payload", facts, hostname: names[0]! } as const;
  const row = connection(1, { process, hostname: names[3]!, hostnameSource: "dns", application });
  for (const size of ["1x1", "5x2", "18x5", "30x8", "80x24", "120x40", "200x50"]) {
    for (const options of [{}, { colors: "none" }, { unicode: false }] as const) {
      const one = story(size, undefined, options);
      one.engine.lineage = () => chain;
      one.screen.update(snapshotOf([row]));
      for (const keys of ["j\r", "G", "\x1b[C", "\x06", "gjjj", "\x1b[<65;3;3M"]) await one.keys(keys);
      const byDifferences = await one.lines();
      assert.deepEqual(await one.keys("\x0c"), byDifferences);
      const output = one.terminal.writes.join("");
      assert.ok(!output.includes("\x1b]0;owned") && !output.includes("\u202e"));
      if ("unicode" in options) assert.doesNotMatch(byDifferences.join(""), /[^\x20-\x7e]/);
    }
  }
});

test("a frozen screen stands still, and its details too", async () => {
  const one = detailsOf("120x40", known);
  await one.keys("f");
  one.screen.update(snapshotOf([{ ...known, state: "FIN_WAIT1" }], { time: epochMillis(noon + 9000) }));
  assert.match((await one.lines()).join("\n"), /State +ESTABLISHED/);
  assert.match((await one.keys("f")).join("\n"), /State +FIN_WAIT1/);
});

test("the system is asked for parents only when more is known of the owner, never with each tick", async () => {
  const one = story("120x40", undefined);
  let asked = 0;
  one.engine.lineage = () => {
    asked++;
    return lineage;
  };
  one.screen.update(snapshotOf([known]));
  assert.equal(asked, 0);
  await one.keys("j\r");
  for (let tick = 1; tick <= 5; tick++) {
    one.screen.update(snapshotOf([known], { time: epochMillis(noon + tick * 1000) }));
  }
  await one.keys("jjjkkc");
  assert.equal(asked, 1);
  const more = { ...browser, exit: epochMillis(noon) };
  one.screen.update(snapshotOf([{ ...known, process: more }]));
  assert.equal(asked, 2);
});
