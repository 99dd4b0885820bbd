import assert from "node:assert/strict";
import { test } from "node:test";
import { CellBuffer } from "../../src/tui/cell-buffer.ts";
import { ConnectionHistory } from "../../src/tui/connection-history.ts";
import type { DetailCard, DetailField } from "../../src/tui/detail-field.ts";
import {
  clampScroll,
  columnsOf,
  fieldBelow,
  fieldBeside,
  fieldPage,
  layoutCards,
  scrollTo,
  type CardsLayout,
} from "../../src/tui/detail-layout.ts";
import { english } from "../../src/tui/messages.ts";
import { StyleTable } from "../../src/tui/style.ts";
import { plainTheme, resolveTheme } from "../../src/tui/theme.ts";
import { drawCards } from "../../src/tui/widgets/detail-cards.ts";
import type { Hit } from "../../src/tui/widgets/paint.ts";
import fc from "../fast-check.ts";

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 90 }),
  fc.constantFrom(
    "",
    "日本語プロセス名",
    "e\u0301".repeat(9),
    "\x1b[2J",
    "a b c d e f g h i j k l m n o p q r s t u v",
  ),
);
const field: fc.Arbitrary<DetailField> = fc.record(
  {
    label: text,
    value: text,
    note: text,
    lead: fc.constantFrom("", "└─ ", "         └─ "),
    short: fc.boolean(),
    graph: fc.constantFrom("rtt" as const, "received" as const),
  },
  { requiredKeys: ["label", "value"] },
);
const cards: fc.Arbitrary<DetailCard[]> = fc.array(
  fc.record({ title: text, fields: fc.array(field, { minLength: 1, maxLength: 12 }) }),
  { minLength: 1, maxLength: 8 },
);
const width = fc.integer({ min: 6, max: 220 });

test("no card overlaps another, none stands outside of the page, and every field is in its card", () => {
  fc.assert(
    fc.property(cards, width, (list, columns) => {
      const layout = layoutCards(list, columns);
      assert.equal(layout.cards.length, list.length);
      assert.equal(
        layout.fields.length,
        list.reduce((sum, { fields }) => sum + fields.length, 0),
      );
      const owner = new Map<string, number>();
      layout.cards.forEach((card, index) => {
        assert.ok(card.x >= 0 && card.x + card.width <= columns, "within the width");
        assert.ok(card.y >= 0 && card.y + card.height <= layout.height, "within the height");
        assert.equal(card.height, card.lines.length + 2);
        for (let y = card.y; y < card.y + card.height; y++) {
          const key = `${card.column} ${y}`;
          assert.equal(owner.get(key), undefined, key);
          owner.set(key, index);
        }
      });
      for (const { card, top, height } of layout.fields) {
        const around = layout.cards[card]!;
        assert.ok(height >= 1 && top > around.y && top + height < around.y + around.height);
      }
    }),
  );
});

test("cards stand in reading order: none begins above one before it in its column, the first ones at the top", () => {
  fc.assert(
    fc.property(cards, width, (list, columns) => {
      const layout = layoutCards(list, columns);
      layout.cards.forEach((card, index) => {
        if (index < columnsOf(columns)) assert.equal(card.y, 0);
        const before = layout.cards.slice(0, index).filter((one) => one.column === card.column);
        for (const one of before) assert.ok(one.y + one.height <= card.y);
        // It went where there was most room.
        for (const one of layout.cards.slice(0, index)) assert.ok(one.y <= card.y);
      });
    }),
  );
});

function reached(layout: CardsLayout): Set<number> {
  const seen = new Set([0]);
  const steps = [
    (at: number) => fieldBelow(layout, at, 1),
    (at: number) => fieldBelow(layout, at, -1),
    (at: number) => fieldBeside(layout, at, 1),
    (at: number) => fieldBeside(layout, at, -1),
  ];
  // A set goes on over what is added to it.
  for (const at of seen) for (const step of steps) seen.add(step(at));
  return seen;
}

test("the arrows reach every field, and no other key leads out of the list", () => {
  fc.assert(
    fc.property(cards, width, fc.integer({ min: 1, max: 60 }), (list, columns, rows) => {
      const layout = layoutCards(list, columns);
      assert.equal(reached(layout).size, layout.fields.length);
      layout.fields.forEach((_, index) => {
        for (const to of [fieldPage(layout, index, rows), fieldPage(layout, index, -rows)]) {
          assert.ok(layout.fields[to] !== undefined);
        }
      });
    }),
  );
});

test("a page down goes down as long as there is a field below, and page up leads back to the top", () => {
  fc.assert(
    fc.property(cards, width, fc.integer({ min: 1, max: 60 }), (list, columns, rows) => {
      const layout = layoutCards(list, columns);
      let at = 0;
      for (let next = fieldPage(layout, at, rows); next !== at; next = fieldPage(layout, at, rows)) {
        assert.ok(layout.fields[next]!.top > layout.fields[at]!.top);
        at = next;
      }
      assert.equal(fieldBelow(layout, at, 1), at);
      for (let next = fieldPage(layout, at, -rows); next !== at; next = fieldPage(layout, at, -rows)) at = next;
      assert.equal(at, 0);
    }),
  );
});

test("scrolling brings a field into sight, as far as it fits, and not beyond the page", () => {
  fc.assert(
    fc.property(cards, width, fc.integer({ min: 1, max: 60 }), fc.nat(400), (list, columns, height, scroll) => {
      const layout = layoutCards(list, columns);
      layout.fields.forEach(({ top, height: own }, index) => {
        const first = scrollTo(layout, index, scroll, height);
        assert.equal(first, clampScroll(layout, first, height));
        assert.ok(first <= top && top < first + height, "its first row is in sight");
        if (own <= height) assert.ok(top + own <= first + height, "all of it is");
      });
    }),
  );
});

test("nothing is drawn outside of the place, whatever is in sight; hits are of fields in sight", () => {
  const table = new StyleTable("truecolor");
  const styles = resolveTheme(plainTheme, table);
  const history = new ConnectionHistory();
  const mark = 0x2603;
  fc.assert(
    fc.property(cards, width, fc.integer({ min: 1, max: 40 }), fc.nat(200), (list, columns, height, wanted) => {
      const layout = layoutCards(list, columns);
      const buffer = new CellBuffer(columns + 6, height + 4);
      buffer.glyphs.fill(mark);
      const hits: Hit[] = [];
      const place = { x: 3, y: 2, width: columns, height };
      const scroll = clampScroll(layout, wanted, height);
      const paint = { buffer, table, styles, messages: english, hits };
      drawCards(paint, place, layout, { cursor: 0, scroll, history });
      for (let y = 0; y < buffer.rows; y++) {
        for (let x = 0; x < buffer.columns; x++) {
          const isInside = x >= 3 && x < 3 + columns && y >= 2 && y < 2 + height;
          if (!isInside) assert.equal(buffer.glyphs[y * buffer.columns + x], mark, `${x},${y}`);
        }
      }
      for (const { x, y, width: wide, target } of hits) {
        assert.ok(x >= 3 && x + wide <= 3 + columns && y >= 2 && y < 2 + height);
        assert.ok(target.kind === "field" && layout.fields[target.index] !== undefined);
      }
    }),
  );
});
