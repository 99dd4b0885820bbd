import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { test } from "node:test";
import type { SeekTarget } from "../../src/tui/index.ts";
import fc from "../fast-check.ts";
import { frame, minute, pcapOf, Rig, rowsOf, write, type Shot } from "./rig.ts";

const shots = minute();
const path = write(pcapOf(shots));
const length = shots.at(-1)![0];
const bytes = shots.reduce((sum, [, one]) => sum + one.length, 0);

/** Runs `work` with a player, and takes it down. */
async function withPlayer(
  work: (rig: Rig) => Promise<void>,
  options: ConstructorParameters<typeof Rig>[1] = {},
  file: string | readonly string[] = path,
): Promise<void> {
  const rig = new Rig(file, options);
  try {
    await rig.settle();
    await work(rig);
  } finally {
    await rig.close();
  }
}

const near = (actual: number, expected: number, by: number): void =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not within ${by} of ${expected}`);

test("plays by the file's clock at its speed, and draws at each refresh", async () => {
  await withPlayer(async (rig) => {
    await rig.pass(4000);
    near(rig.state.position, 4000, 500);
    near(rig.times.length, 9, 2);
    assert.equal(rig.rests, rig.times.length * 2, "asked until nothing is left");
    near(rig.state.clock! - rig.state.begin!, rig.state.position, 0);
    rig.player.faster();
    rig.player.faster();
    assert.equal(rig.state.speed, 5);
    await rig.pass(2000);
    near(rig.state.position, 14_000, 2500);
    for (let count = 0; count < 9; count++) rig.player.slower();
    assert.equal(rig.state.speed, 0.1);
    const from = rig.state.position;
    await rig.pass(10_000);
    near(rig.state.position - from, 1000, 50);
  });
});

test("as fast as it goes it goes to the end, and stays there", async () => {
  await withPlayer(
    async (rig) => {
      await rig.settle();
      const { position, packets, ended, playing } = rig.state;
      assert.deepEqual([position, packets, ended, playing], [length, shots.length, true, false]);
      assert.equal(rig.shown?.time, rig.state.clock);
      assert.deepEqual(rig.ends, [[]]);
      const drawn = rig.times.length;
      await rig.pass(5000);
      assert.equal(rig.times.length, drawn, "nothing wakes up at the end");
      rig.player.playPause();
      await rig.settle();
      assert.equal(rig.restarts, 1, "play at the end plays from the beginning");
      assert.equal(rig.ends.length, 2);
    },
    { speed: Infinity },
  );
});

test("a pause stands still: times, rates and ages stay as they are", async () => {
  await withPlayer(async (rig) => {
    await rig.pass(3600);
    rig.player.playPause();
    await rig.settle();
    const before = [rig.state.position, rig.times.length, rowsOf(rig.shown), rig.shown?.totals] as const;
    await rig.pass(60_000, 10_000);
    assert.deepEqual([rig.state.position, rig.times.length, rowsOf(rig.shown), rig.shown?.totals], before);
    rig.player.playPause();
    await rig.pass(1000);
    near(rig.state.position - before[0], 1000, 500);
  });
});

test("what it could not keep up with, and time in which the program stood still, is not run after", async () => {
  await withPlayer(async (rig) => {
    await rig.pass(1000);
    const { position } = rig.state;
    rig.clock.time += 30_000;
    await rig.pass(1000);
    near(rig.state.position - position, 1000, 600);
  });
});

test("packet by packet, on and back, also across a silence", async () => {
  await withPlayer(async (rig) => {
    rig.player.stepPackets(1);
    await rig.settle();
    assert.equal(rig.state.playing, false);
    const first = rig.state.packets;
    for (let count = 0; count < 5; count++) rig.player.stepPackets(1);
    await rig.settle();
    assert.equal(rig.state.packets, first + 5, "steps that come faster than they are done add up");
    assert.equal(rig.state.position, shots[first + 4]![0]);
    rig.player.stepPackets(-2);
    await rig.settle();
    assert.deepEqual([rig.state.packets, rig.state.position], [first + 3, shots[first + 2]![0]]);
    const silence = shots.findIndex(([at], index) => at - (shots[index - 1]?.[0] ?? at) > 10_000);
    rig.player.seek({ kind: "packet", packets: silence });
    await rig.settle();
    rig.player.stepPackets(1);
    await rig.settle();
    assert.equal(rig.state.position, shots[silence]![0]);
    rig.player.seek({ kind: "packet", packets: 1 });
    await rig.settle();
    rig.player.stepPackets(-5);
    await rig.settle();
    assert.deepEqual([rig.state.packets, rowsOf(rig.shown).length], [1, 1], "the first packet is the first place");
  });
});

test("who has gone back and does so again finds a playhead that waits, and the same table", async () => {
  // A frame a millisecond, of two flows.
  const many: Shot[] = Array.from({ length: 40_000 }, (_, at) => [at, frame({ sourcePort: 40_000 + (at % 2) })]);
  const file = write(pcapOf(many));
  /** Each engine asks once for the service of the port, when its first frame comes. */
  let engines = 0;
  const services = (_: string, number: number): undefined => {
    if (number === 5001) engines++;
    return undefined;
  };
  const tables = new Map<number, unknown>();
  const places = [39_999, 39_998, 39_990, 30_000, 29_999, 100, 99];
  await withPlayer(
    async (rig) => {
      for (const packets of places.toReversed()) {
        rig.player.seek({ kind: "packet", packets });
        await rig.settle();
        tables.set(packets, tableOf(rig));
      }
    },
    { speed: 0.1 },
    file,
  );
  await withPlayer(
    async (rig) => {
      const begun: number[] = [];
      rig.player.playPause();
      rig.player.seek({ kind: "packet", packets: 40_000 });
      await rig.settle();
      for (const packets of places) {
        const before = engines;
        if (rig.state.packets - packets === 1) rig.player.stepPackets(-1);
        else rig.player.seek({ kind: "packet", packets });
        await rig.settle();
        assert.deepEqual(tableOf(rig), tables.get(packets), `at ${packets}`);
        begun.push(engines - before);
      }
      // First the playhead and the one that waits, then only another one to wait; near the beginning none waits.
      assert.deepEqual(begun.slice(0, 5), [2, 1, 1, 1, 1]);
      assert.deepEqual(begun.slice(5), [1, 1]);
      rig.player.playPause();
      await rig.pass(1000);
      assert.equal(rig.state.playing, true);
    },
    { engine: { services } },
    file,
  );
});

test("by ticks it goes where rates are as fresh as they get", async () => {
  await withPlayer(async (rig) => {
    rig.player.seek({ kind: "time", time: 1234 });
    await rig.settle();
    for (const [by, position] of [
      [1, 1500],
      [1, 2000],
      [-1, 1500],
      [-2, 500],
      [-5, 0],
    ] as const) {
      rig.player.stepTicks(by);
      await rig.settle();
      assert.equal(rig.state.position, position);
    }
  });
});

test("at the end of a loop comes the beginning", async () => {
  await withPlayer(
    async (rig) => {
      rig.player.toggleLoop();
      for (let count = 0; count < 6; count++) rig.player.faster();
      assert.equal(rig.state.speed, Infinity);
      await rig.pass(3000);
      assert.ok(rig.restarts >= 3, String(rig.restarts));
      assert.equal(rig.state.playing, true);
      rig.player.toggleLoop();
      await rig.pass(2000);
      assert.deepEqual([rig.state.playing, rig.state.ended], [false, true]);
      assert.equal(rig.ends.length, rig.restarts + 1);
    },
    { speed: 1 },
  );
});

/** The table at a place, by the shortest way. */
async function tableAt(target: SeekTarget): Promise<unknown> {
  let table: unknown;
  await withPlayer(async (rig) => {
    rig.player.playPause();
    rig.player.seek(target);
    await rig.settle();
    table = tableOf(rig);
  });
  return table;
}

const tableOf = (rig: Rig): unknown => {
  const { position, packets } = rig.state;
  const { time, totals, rateHistory } = rig.shown!;
  return { position, packets, time, totals, rateHistory, rows: rowsOf(rig.shown) };
};

test("whatever the way to a place, the table there is the same", async () => {
  const move = fc.oneof(
    fc.record({ what: fc.constant("play" as const), millis: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({ what: fc.constantFrom("faster" as const, "slower" as const, "pause" as const) }),
    fc.record({ what: fc.constant("packets" as const), by: fc.integer({ min: -40, max: 40 }) }),
    fc.record({ what: fc.constant("ticks" as const), by: fc.integer({ min: -20, max: 20 }) }),
    fc.record({ what: fc.constant("time" as const), time: fc.double({ min: 0, max: length + 1000, noNaN: true }) }),
  );
  const target: fc.Arbitrary<SeekTarget> = fc.oneof(
    fc.record({ kind: fc.constant("time" as const), time: fc.integer({ min: 0, max: length }) }),
    fc.record({ kind: fc.constant("packet" as const), packets: fc.integer({ min: 1, max: shots.length }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 6 }), target, async (moves, place) => {
      await withPlayer(async (rig) => {
        for (const one of moves) {
          if (one.what === "play") await rig.pass(one.millis, 500);
          else if (one.what === "faster") rig.player.faster();
          else if (one.what === "slower") rig.player.slower();
          else if (one.what === "pause") rig.player.playPause();
          else if (one.what === "packets") rig.player.stepPackets(one.by);
          else if (one.what === "ticks") rig.player.stepTicks(one.by);
          else if (one.what === "time") rig.player.seek({ kind: "time", time: one.time });
          await rig.settle();
        }
        if (rig.state.playing) rig.player.playPause();
        rig.player.seek(place);
        await rig.settle();
        assert.equal(rig.state.seeking, undefined);
        assert.deepEqual(tableOf(rig), await tableAt(place));
      });
    }),
    { numRuns: 25 },
  );
});

test("played twice, the same is shown", async () => {
  const played: unknown[] = [];
  for (let count = 0; count < 2; count++) {
    await withPlayer(
      async (rig) => {
        const states: unknown[] = [];
        for (let step = 0; step < 12; step++) {
          await rig.pass(1000, 250);
          states.push(tableOf(rig));
        }
        played.push(states);
      },
      { speed: 5 },
    );
  }
  assert.deepEqual(played[0], played[1]);
});

test("while it goes back, what was there stays; given up, it is still there", async () => {
  // Every look at the clock takes a millisecond: a slice is over after some 250 frames.
  const many: Shot[] = Array.from({ length: 3000 }, (_, index) => [
    index * 10,
    frame({ sourcePort: 1024 + (index % 500) }),
  ]);
  const file = write(pcapOf(many));
  await withPlayer(
    async (rig) => {
      await rig.settle();
      assert.equal(rig.state.packets, 3000);
      const before = rowsOf(rig.player.head.look());
      const monotonic = rig.clock.monotonic.bind(rig.clock);
      let looks = 0;
      rig.clock.monotonic = () => monotonic() + looks++;
      rig.player.seek({ kind: "packet", packets: 2000 });
      const shares: number[] = [];
      while (rig.state.seeking !== undefined && shares.length < 3) {
        shares.push(rig.state.seeking);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(shares.length === 3 && rig.state.seeking! > 0, shares.join(" "));
      assert.deepEqual(rowsOf(rig.player.head.look()), before);
      rig.player.cancelSeek();
      await rig.settle();
      assert.deepEqual([rig.state.seeking, rig.state.packets, rig.restarts], [undefined, 3000, 0]);
      assert.equal(rig.state.ended, true);
      assert.deepEqual(rowsOf(rig.player.head.look()), before);
      rig.player.seek({ kind: "packet", packets: 2000 });
      rig.player.seek({ kind: "packet", packets: 1000 });
      await rig.settle();
      assert.deepEqual([rig.state.packets, rig.restarts], [1000, 1]);
    },
    { speed: Infinity },
    file,
  );
});

test("the file is counted beside: its length, its packets and its rate", async () => {
  await withPlayer(async (rig) => {
    const { isCounted, totalPackets, rate, length: known } = rig.state;
    assert.deepEqual([isCounted, totalPackets, known], [true, shots.length, length]);
    assert.equal(
      rate.bytes.reduce((sum, one) => sum + one, 0),
      bytes,
    );
    const half = shots.filter(([at]) => at < 30_000).reduce((sum, [, one]) => sum + one.length, 0);
    const cells = Math.floor(30_000 / rate.width);
    near(
      rate.bytes.subarray(0, cells).reduce((sum, one) => sum + one, 0),
      half,
      4000,
    );
    assert.ok(rig.state.packets < 30, "and nothing of it is played for that");
  });
});

test("connections that ended stay to be searched, at most as many as there is room for", async () => {
  await withPlayer(
    async (rig) => {
      await rig.settle();
      const rows = rowsOf(rig.shown);
      assert.equal(rows.length, 24);
      assert.ok(rows.filter(({ liveliness }) => liveliness === "closed").length >= 5);
    },
    { speed: Infinity },
  );
  await withPlayer(
    async (rig) => {
      await rig.settle();
      assert.equal(rowsOf(rig.shown).filter(({ liveliness }) => liveliness === "closed").length, 3);
    },
    { speed: Infinity, engine: { keepClosed: 3 } },
  );
});

test("a file that grows is played as it grows, and can be gone back in", async () => {
  const grows = write(pcapOf(shots.slice(0, 30)));
  await withPlayer(
    async (rig) => {
      await rig.until(() => rig.state.packets === 30, "30 packets");
      assert.equal(rig.state.ended, false);
      const header = pcapOf([]).length;
      appendFileSync(grows, pcapOf(shots.slice(30, 60)).subarray(header));
      await rig.until(() => rig.state.packets === 60 && rig.state.totalPackets === 60, "60 packets");
      const { position } = rig.state;
      await rig.pass(3000);
      near(rig.state.position - position, 3000, 600);
      rig.player.stepPackets(-50);
      await rig.until(() => rig.state.seeking === undefined, "the place behind");
      assert.equal(rig.state.packets, 10);
    },
    { speed: Infinity, follows: true },
    grows,
  );
});

test("a pipe is only gone forward in, and its rate grows as it is read", async () => {
  await withPlayer(
    async (rig) => {
      await rig.pass(1000);
      assert.ok(rig.state.packets > 0 && rig.state.packets < 30);
      assert.equal(rig.state.totalPackets, rig.state.packets);
      assert.equal(rig.player.stepPackets(-1), false);
      assert.equal(rig.state.playing, true, "what cannot be done changes nothing");
      assert.equal(rig.player.seek({ kind: "time", time: 0 }), false);
      assert.equal(rig.player.seek({ kind: "time", time: 8000 }), true);
      await rig.settle();
      assert.equal(rig.state.position, 8000);
    },
    { seekable: false },
  );
});

test("where the file's clock is set back it goes on, and sums begin anew", async () => {
  const later: Shot[] = shots.map(([at, one]) => [at + 120_000, one]);
  const twice = Buffer.concat([pcapOf(later), pcapOf(shots.slice(0, 40)).subarray(pcapOf([]).length)]);
  await withPlayer(
    async (rig) => {
      rig.player.playPause();
      rig.player.seek({ kind: "packet", packets: shots.length });
      await rig.settle();
      assert.equal(rig.state.length, length + shots[39]![0]);
      const drawn = rig.shown!.time;
      for (let count = 0; count < 30; count++) {
        rig.player.stepPackets(1);
        await rig.settle();
        const { rxRate, txRate } = rig.shown!.totals;
        assert.ok(rxRate + txRate < 1e5, `${rxRate} ${txRate}`);
      }
      assert.equal(rig.state.position, length + shots[29]![0]);
      assert.ok(rig.shown!.time < drawn);
      assert.equal(rig.restarts, 1);
    },
    {},
    write(twice),
  );
});

test("a silence of years is passed at once, and rates after it are those of its end", async () => {
  const year = 365 * 86_400_000;
  const sparse: Shot[] = [0, 100, 2 * year, 2 * year + 100].map((at) => [at, frame({})]);
  await withPlayer(
    async (rig) => {
      await rig.settle();
      assert.deepEqual([rig.state.ended, rig.state.position], [true, 2 * year + 100]);
      assert.equal(rig.shown?.rateHistory.tx.at(-1), 0);
      const [first, second] = rowsOf(rig.shown);
      assert.deepEqual([first?.liveliness, second?.liveliness, second?.txPackets], ["closed", "live", 2]);
    },
    { speed: Infinity },
    write(pcapOf(sparse)),
  );
});

test("a damaged file is played up to the damage, which is told", async () => {
  const cut = write(Buffer.from(pcapOf(shots).subarray(0, -5)));
  await withPlayer(
    async (rig) => {
      await rig.settle();
      assert.equal(rig.state.packets, shots.length - 1);
      assert.match(rig.ends[0]?.[0] ?? "", /is damaged after \d+ frames, at byte \d+/);
    },
    { speed: Infinity },
    cut,
  );
});

test("an empty file ends at once, and a loop of it does not spin", async () => {
  await withPlayer(
    async (rig) => {
      rig.player.toggleLoop();
      await rig.pass(1000);
      const { ended, playing, packets, clock } = rig.state;
      assert.deepEqual([ended, playing, packets, clock], [true, false, 0, undefined]);
      assert.ok(rig.redraws < 20, String(rig.redraws));
    },
    { speed: Infinity },
    write(pcapOf([])),
  );
});

test("several files are one", async () => {
  const files = [shots.filter((_, index) => index % 2 === 0), shots.filter((_, index) => index % 2 === 1)];
  await withPlayer(
    async (rig) => {
      await rig.settle();
      assert.deepEqual([rig.state.packets, rig.state.position], [shots.length, length]);
      assert.deepEqual([rig.state.totalPackets, rig.state.isCounted], [shots.length, true]);
      rig.player.stepPackets(-1);
      await rig.settle();
      assert.equal(rig.state.packets, shots.length - 1);
    },
    { speed: Infinity },
    files.map((one) => write(pcapOf(one))),
  );
});
