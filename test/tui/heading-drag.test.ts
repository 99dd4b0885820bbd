import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { inOrder, moveBeside } from "../../src/tui/column-order.ts";
import { gapAt, HeadingDrag, type PlacedHeading } from "../../src/tui/heading-drag.ts";
import type { MouseEvent } from "../../src/tui/input-parser.ts";
import { snapshotOf, story, threeRows, type Story } from "./story.ts";

const mouse = (action: "press" | "drag" | "release", x: number, y: number): string =>
  `\x1b[<${action === "drag" ? 32 : 0};${x + 1};${y + 1}${action === "release" ? "m" : "M"}`;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where a heading stands; `line` tells its line from others. */
async function spotOf(one: Story, title: string, line: RegExp): Promise<Spot> {
  const lines = await one.lines();
  const y = lines.findIndex((text) => line.test(text));
  const x = lines[y]?.indexOf(title) ?? -1;
  assert.ok(x >= 0, `${title} in:\n${lines.join("\n")}`);
  return { x: x + 1, y };
}

async function dragged(one: Story, from: Spot, to: number, drop = true): Promise<string[]> {
  await one.keys(mouse("press", from.x, from.y));
  const step = to < from.x ? -1 : 1;
  for (let x = from.x; x !== to; x += step) await one.keys(mouse("drag", x + step, from.y));
  return drop ? one.keys(mouse("release", to, from.y)) : one.lines();
}

const overviewLine = /Process.*State/;
const order = (line: string, titles: readonly string[]): string[] =>
  [...titles].sort((a, b) => line.indexOf(a) - line.indexOf(b));

describe("a heading of the overview", () => {
  test("is dragged to where its column shall stand, and that is remembered", async () => {
    for (const size of ["80x24", "120x40", "200x50"]) {
      const one = story(size, snapshotOf(threeRows));
      const titles = ["Process", "Remote", "App", "State"];
      const state = await spotOf(one, "State", overviewLine);
      const remote = await spotOf(one, "Remote", overviewLine);
      const lines = await dragged(one, state, remote.x);
      const line = lines[state.y] ?? "";
      assert.deepEqual(order(line, titles), ["Process", "State", "Remote", "App"], line);
      assert.match(lines.join("\n"), /by ↓ Rate ▼/, "a drag sorts nothing");
      const { columns } = one.screen.remembered();
      const again = story(size, snapshotOf(threeRows), { remembered: { columns: columns ?? {} } });
      assert.equal((await again.lines())[state.y], line);
      // Beyond the last heading is behind it.
      await dragged(one, await spotOf(one, "State", /Process.*State/), one.terminal.xterm.cols - 1);
      const last = (await one.lines())[state.y] ?? "";
      assert.ok(last.indexOf("State") > last.indexOf("App"), last);
    }
  });

  test("shows what is dragged and where it goes, in every glyph set, until it is let go", async () => {
    for (const [options, bar] of [
      [{}, "┃"],
      [{ colors: "none" as const }, "┃"],
      [{ unicode: false }, "|"],
    ] as const) {
      const one = story("80x24", snapshotOf(threeRows), options);
      const state = await spotOf(one, "State", overviewLine);
      const remote = await spotOf(one, "Remote", overviewLine);
      const before = (await one.lines())[state.y] ?? "";
      const lines = await dragged(one, state, remote.x, false);
      assert.equal(lines[state.y]?.[remote.x - 2], bar, lines.join("\n"));
      const cell = one.terminal.cell(state.x, state.y);
      assert.ok(cell !== undefined && (cell.isInverse() !== 0 || !cell.isBgDefault()), "the heading is lit up");
      // Back at its own place nothing would change.
      const back = await one.keys(mouse("drag", state.x, state.y));
      assert.equal(back[state.y], before);
      await one.keys(mouse("release", state.x, state.y));
      assert.equal((await one.lines())[state.y], before);
      assert.match((await one.lines()).join("\n"), /by [↓<] Rate/, "and it is no click");
    }
  });

  test("sorts when it is clicked; a dialog or another tab in between lets it go", async () => {
    const one = story("80x24", snapshotOf(threeRows));
    const state = await spotOf(one, "State", overviewLine);
    const clicked = await one.keys(mouse("press", state.x, state.y) + mouse("release", state.x, state.y));
    assert.match(clicked.join("\n"), /by State ▲/);
    for (const interruption of ["h\x1b[27u", "21"]) {
      await dragged(one, state, 3, false);
      await one.keys(interruption);
      const after = await one.keys(mouse("release", 3, state.y));
      assert.match(after[state.y] ?? "", /Process.*Remote.*State/, interruption);
      assert.doesNotMatch(after[state.y] ?? "", /┃/);
    }
  });
});

describe("a heading of the other tables", () => {
  test("moves in Processes, behind the names; r puts it back", async () => {
    const one = story("120x40", snapshotOf(threeRows));
    await one.keys("2");
    const peak = await spotOf(one, "Peak", /Process.*Conns/);
    const pid = await spotOf(one, "PID", /Process.*Conns/);
    const lines = await dragged(one, peak, pid.x - 3);
    assert.match(lines[peak.y] ?? "", /Process +Peak +PID/);
    const orders = one.screen.remembered().orders;
    assert.deepEqual(orders?.processes?.slice(0, 2), ["peak_rate", "pid"]);
    const again = story("120x40", snapshotOf(threeRows), { remembered: { orders: orders ?? {} } });
    assert.equal((await again.keys("2"))[peak.y], lines[peak.y]);
    const names = await spotOf(one, "Process ", /Process.*Conns/);
    assert.match((await dragged(one, names, 60))[peak.y] ?? "", /^ *Process/, "names stay first");
    assert.match((await one.keys("r"))[peak.y] ?? "", /Process +PID/);
    assert.equal(one.screen.remembered().orders, undefined);
  });

  test("moves in each table of Network, and a click sorts that table alone", async () => {
    const one = story("200x50", snapshotOf(threeRows));
    await one.keys("6");
    const heads = { routes: /Destination/, neighbours: /Vendor/ };
    const destination = await spotOf(one, "Destination", heads.routes);
    const gateway = await spotOf(one, "Metric", heads.routes);
    const moved = await dragged(one, destination, gateway.x + 20);
    assert.match(moved[destination.y] ?? "", /^ *Next hop.*Metric.*Destination/);
    const address = await spotOf(one, "Address", heads.neighbours);
    const click = mouse("press", address.x, address.y) + mouse("release", address.x, address.y);
    const addresses = (lines: readonly string[]): string[] =>
      lines.slice(address.y + 1, address.y + 4).map((line) => line.trim().split(" ")[0] ?? "");
    assert.deepEqual(addresses(await one.keys(click)), ["192.0.2.1", "192.0.2.77", "fe80::1"]);
    assert.deepEqual(addresses(await one.keys(click)), ["fe80::1", "192.0.2.77", "192.0.2.1"]);
    assert.deepEqual(Object.keys(one.screen.remembered().orders ?? {}), ["routes"]);
    // The selection stays with its row.
    await one.keys("G");
    assert.match((await one.keys("c")).at(-1) ?? "", /Copied 192\.0\.2\.1 /);
    await one.keys("S");
    assert.match((await one.keys("c")).at(-1) ?? "", /Copied 192\.0\.2\.1 /);
    await one.keys("r");
    assert.equal(one.screen.remembered().orders, undefined);
  });
});

const placedOf = (widths: readonly number[]): PlacedHeading<string>[] => {
  let next = 2;
  return widths.map((width, index) => {
    const x = next;
    next += width + 1;
    return { id: String(index), x, width };
  });
};

test("every column can be brought to every place, and nothing is ever lost", () => {
  const widths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(widths, fc.nat(1000), fc.nat(1000), (list, from, to) => {
      const placed = placedOf(list);
      const held = placed[from % placed.length]!;
      const goal = to % placed.length;
      const target = placed[goal]!;
      const drag = new HeadingDrag<string>();
      const at = (action: "press" | "drag" | "release", x: number): MouseEvent => ({
        kind: "mouse",
        action,
        button: 0,
        x,
        y: 0,
      });
      drag.press(held.id, at("press", held.x));
      const x = goal <= from % placed.length ? target.x - 1 : target.x + target.width;
      drag.follow(at("drag", x), placed);
      const action = drag.follow(at("release", x), placed);
      const items = placed.map(({ id }) => ({ id }));
      if (target === held) {
        assert.ok(action === undefined || action.kind === "click");
        return;
      }
      assert.ok(action?.kind === "move", JSON.stringify(action));
      const moved = moveBeside(items, action.id, action.beside, action.after).map(({ id }) => id);
      assert.equal(moved.indexOf(held.id), goal);
      assert.deepEqual(moved.toSorted(), items.map(({ id }) => id).toSorted());
    }),
  );
});

test("an order names what it knows; the rest follows", () => {
  const items = ["a", "b", "c"].map((id) => ({ id }));
  const ids = (names: readonly string[] | undefined): string =>
    inOrder(items, names)
      .map(({ id }) => id)
      .join("");
  assert.deepEqual([undefined, [], ["c"], ["x", "b", "b"], ["c", "b", "a"]].map(ids), [
    "abc",
    "abc",
    "cab",
    "bac",
    "cba",
  ]);
  assert.equal(gapAt([], 5), 0);
});
