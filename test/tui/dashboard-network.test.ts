import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import {
  fitColumns,
  interfaceColumns,
  neighbourColumns,
  routeColumns,
  type NetworkColumn,
} from "../../src/tui/network-tables.ts";
import { connection, noon, snapshotOf, story, threeRows } from "./story.ts";
import { epochMillis, type Connection, type Snapshot } from "../../src/model/index.ts";

const sizes = ["18x5", "80x24", "120x40", "200x50"] as const;
const has = (lines: readonly string[], text: string | RegExp): boolean =>
  lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));

describe("the dashboard tab", () => {
  test("shows the whole system in cards, as many as fit", async () => {
    const wide = await story("200x50", snapshotOf(threeRows)).keys("4");
    for (const title of [
      "Traffic",
      "Processes",
      "Hosts",
      "Applications",
      "TCP states",
      "Protocols",
      "Health",
      "Quality",
    ]) {
      assert.ok(has(wide, `─ ${title} `), title);
    }
    assert.ok(has(wide, /firefox\s+1\.27 GB/), "what has been done, while nothing moves");
    const busy = await story("200x50", sampleSnapshot(500)).keys("4");
    assert.ok(has(busy, /tls\s+━+\s+\S+ MB\/s/), "an application with its bar");
    assert.ok(has(wide, /ESTABLISHED\s+━+\s+2/));
    const small = await story("80x24", snapshotOf(threeRows)).keys("4");
    for (const title of ["Traffic", "Processes", "Hosts", "Applications"]) assert.ok(has(small, `─ ${title} `), title);
  });

  test("counts connections that open and end a second", async () => {
    const one = story("200x50", snapshotOf(threeRows));
    await one.keys("4");
    const { totals } = snapshotOf(threeRows);
    one.screen.update(
      snapshotOf(threeRows, { time: epochMillis(noon + 2000), totals: { ...totals, opened: totals.opened + 8 } }),
    );
    assert.ok(has(await one.lines(), /opened 4\.0\/s · 11/));
  });

  test("counts what is sent again and lost a second, whatever connections come and go", async () => {
    const lossy = (id: number, retransmits: number, lost: number): Connection =>
      connection(id, { quality: { rtt: 5, retransmits, lost }, txPackets: 1000 });
    const at = (second: number, rows: readonly Connection[]): Snapshot =>
      snapshotOf(rows, { time: epochMillis(noon + second * 1000) });
    const one = story("200x50", at(0, [lossy(1, 50, 10), connection(2, { quality: { rtt: 5, retransmits: 0 } })]));
    await one.keys("4");
    assert.ok(has(await one.lines(), /retransmits 0\.0\/s · 50/), "what was there before is old");
    one.screen.update(at(2, [lossy(1, 54, 12), lossy(3, 2, 0)]));
    assert.ok(has(await one.lines(), /retransmits 3\.0\/s · 56/));
    assert.ok(has(await one.lines(), /lost 1\.0\/s · 12/));
    assert.ok(has(await one.lines(), /2\.80 % of 2,000 segments sent/));
    one.screen.update(at(3, [lossy(3, 2, 0)]));
    assert.ok(has(await one.lines(), /retransmits 0\.0\/s · 2/), "one that is gone takes nothing back");
  });

  test("tells errors and drops of interfaces, and why there is no country", async () => {
    const { interfaces } = snapshotOf(threeRows);
    const [eth0] = interfaces;
    assert.ok(eth0);
    const snapshot = snapshotOf(threeRows, { interfaces: [{ ...eth0, rxErrors: 3, txDropped: 1200 }] });
    const lines = await story("200x50", snapshot).keys("4");
    assert.ok(has(lines, /Errors 3 {2}Drops 1,200/));
    assert.ok(has(lines, "No GeoIP database is installed") && has(lines, "/usr/share/GeoIP"));
    const installed = await story("200x50", snapshot, { knowsCountries: true }).keys("4");
    assert.ok(!has(installed, "No GeoIP"), "only that nobody is abroad");
    const rows = threeRows.map((row) => ({ ...row, geo: { country: "CH" } }));
    const known = await story("200x50", snapshotOf(rows)).keys("4");
    assert.ok(has(known, / CH .*GB|CH +━/) && !has(known, "No GeoIP"));
  });

  test("goes on to the cards that find no room, page by page", async () => {
    for (const [size, pages, first, last] of [
      ["80x24", 2, "page 1 of 2", "page 2 of 2"],
      ["30x8", 11, "1/11", "11/11"],
    ] as const) {
      const one = story(size, sampleSnapshot(500));
      assert.ok(has(await one.keys("4"), ` ${first} ─╮`), size);
      const seen = new Set<string>();
      for (let page = 0; page <= pages; page++) {
        for (const line of await one.lines())
          for (const [, title = ""] of line.matchAll(/╭─ (\S[^─]*) ─/g)) seen.add(title);
        await one.keys("j");
      }
      assert.equal(seen.size, 11, [...seen].join(", "));
      assert.ok(has(await one.lines(), ` ${last} ─╮`));
      assert.ok(has(await one.keys("g"), ` ${first} ─╮`));
      await one.keys("\x1b[<65;3;3M");
      assert.ok(has(await one.keys("\x1b[<64;3;3M"), ` ${first} ─╮`), "the wheel too");
    }
    assert.ok(!has(await story("120x40", sampleSnapshot(500)).keys("4"), " 1 of "), "one page needs no number");
  });

  test("says what the program itself costs, by the machine's clock", async () => {
    let [now, cpu] = [0, 0];
    const cost = (): { cpu: number; memory: number } => ({ cpu, memory: 71_000_000 });
    const one = story("200x50", snapshotOf(threeRows), { clock: () => now, cost });
    [now, cpu] = [1000, 8000];
    one.screen.update(snapshotOf(threeRows));
    for (const tab of ["1", "4"]) assert.ok(has(await one.keys(tab), /cpu 0\.8 % · memory 71\.0 MB/), tab);
  });

  test("draws at every size with 5,000 rows", async () => {
    for (const size of sizes) {
      const [columns = 0, rows = 0] = size.split("x").map(Number);
      const lines = await story(size, sampleSnapshot(5000)).keys("4");
      assert.ok(lines.length <= rows && lines.every((line) => line.length <= columns), size);
      assert.ok(lines.join("").trim() !== "", size);
    }
  });
});

describe("the network tab", () => {
  test("shows interfaces, routes and neighbours", async () => {
    const lines = await story("200x50", snapshotOf(threeRows)).keys("6");
    assert.ok(has(lines, /─ Interfaces 1 /));
    assert.ok(has(lines, /eth0\s+up\s+ether/));
    assert.ok(has(lines, /default\s+192\.0\.2\.1\s+eth0\s+100/));
    assert.ok(has(lines, /2001:db8:dead::\/48.*unreachable/));
    assert.ok(has(lines, /192\.0\.2\.1\s+00:00:0c:12:34:56\s+eth0\s+reachable.*Maker of 00:00:0c/));
    assert.ok(has(lines, /fe80::1.*router/));
  });

  test("goes from row to row, and shows a row's connections", async () => {
    const rows = [...threeRows, connection(9, { remote: { address: "192.0.2.77", port: threeRows[0]!.remote.port } })];
    const one = story("120x40", snapshotOf(rows));
    await one.keys("6GkG");
    const copied = await one.keys("c");
    assert.ok(has(copied, "fe80::1 02:00:5e:00:00:01"), "the last neighbour");
    await one.keys("k\r");
    assert.ok(has(await one.lines(), /ip:192\.0\.2\.77/), "the filter of the row");
  });

  test("asks for the network only while it is shown, or now and then", async () => {
    const one = story("120x40", snapshotOf(threeRows));
    const at = (seconds: number): void =>
      one.screen.update(snapshotOf(threeRows, { time: epochMillis(noon + seconds * 1000) }));
    const { network } = one.engine;
    const first = network.reads;
    for (let second = 1; second <= 9; second++) at(second);
    assert.equal(network.reads, first, "not while another tab is shown");
    at(11);
    assert.equal(network.reads, first + 1, "once in ten seconds, for when neighbours were seen");
    await one.keys("6");
    const shown = network.reads;
    at(12);
    at(13);
    assert.equal(network.reads, shown + 2, "with every tick while it is shown");
  });

  test("hides addresses, cards and names while privacy is on", async () => {
    const one = story("200x50", snapshotOf(threeRows), { private: true });
    const text = (await one.keys("6")).join("\n");
    for (const value of ["192.0.2.1 ", "192.0.2.77", "2001:db8:dead", "00:00:0c", "fe80::1"]) {
      assert.ok(!text.includes(value), value);
    }
  });

  test("fits its columns into any width, and leaves none of it to nothing", () => {
    const tables: readonly unknown[] = [interfaceColumns, routeColumns, neighbourColumns];
    for (const columns of tables as readonly (readonly NetworkColumn<never>[])[]) {
      for (let width = 1; width < 320; width++) {
        const fitted = fitColumns(columns, width);
        const taken = fitted.reduce((sum, one) => sum + one.width + 1, -1);
        assert.ok(fitted.length === 1 || taken <= width, `${taken} of ${width}`);
        assert.ok(fitted.every(({ width: room, least }) => room >= least));
        // What is shown only when nothing can grow any more.
        if (taken < width && fitted.length > 1) {
          assert.ok(
            fitted.length < columns.length
              ? true
              : fitted.every(({ id, width: room }) => columns.find((one) => one.id === id)?.width === room),
          );
        }
      }
    }
  });

  test("draws at every size", async () => {
    for (const size of sizes) {
      const [columns = 0, rows = 0] = size.split("x").map(Number);
      const lines = await story(size, snapshotOf(threeRows)).keys("6");
      assert.ok(lines.length <= rows && lines.every((line) => line.length <= columns), size);
    }
  });
});
