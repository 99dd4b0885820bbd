import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { RecordingFacts } from "../../src/app/record/recorder.ts";
import { RecordingPump } from "../../src/app/record/recording-pump.ts";

/** A pump over made-up parts, with a clock that the test moves. */
class Bed {
  /** Full blocks of 64. */
  filled = 0;
  /** Whether the kernel has frames in a block that is not full. */
  readonly isFilling: boolean;
  looks = 0;
  /** Whether frames have flows that the table does not know. */
  isUnknown = false;
  /** What happened, in its order. */
  readonly events: string[] = [];
  readonly pump: RecordingPump;
  #time = 0;

  constructor(isFilling = false, decides = false) {
    this.isFilling = isFilling;
    this.pump = new RecordingPump({
      clock: () => this.#time,
      engine: { drain: () => void this.events.push("table") },
      ring: {
        blockCount: 64,
        isFilling: this.isFilling,
        isFilled: (blocks) => {
          // Asked once at each look.
          if (blocks === 8) this.looks++;
          return this.filled >= blocks;
        },
      },
      recorder: {
        drain: (_, refresh) => {
          this.events.push("write");
          // Two blocks of frames that nobody knows.
          for (let block = 0; block < 2 && this.isUnknown; block++) refresh?.();
        },
        close: () => {
          this.events.push("close");
          return Promise.resolve({} as RecordingFacts);
        },
        ended: false,
      },
      decides,
      ended: () => {},
    });
  }

  /** What happens in so many milliseconds. */
  in(milliseconds: number): string {
    this.events.length = 0;
    for (let step = 0; step < milliseconds; step++) {
      this.#time++;
      mock.timers.tick(1);
    }
    return this.events.join(" ");
  }
}

/** Stops the pump and sets the clock on until it is over: what happened, and how many milliseconds it took. */
async function stop(bed: Bed, step: (time: number) => void = () => {}): Promise<{ events: string; time: number }> {
  const state = { isOver: false };
  let events = "";
  let time = 0;
  bed.events.length = 0;
  const over = bed.pump.stop().then(() => (state.isOver = true));
  for (; !state.isOver; time++) {
    assert.ok(time < 10_000, "it ends");
    events += `${bed.events.join(" ")} `;
    step(time);
    events += `${bed.in(1)} `;
    bed.events.length = 0;
    // What waited for the clock goes on.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  await over;
  return { events: `${events} ${bed.events.join(" ")}`.replaceAll(/ +/g, " ").trim(), time };
}

function withBed(run: (bed: Bed) => void, ...options: ConstructorParameters<typeof Bed>): void {
  mock.timers.enable({ apis: ["setTimeout"] });
  const bed = new Bed(...options);
  try {
    run(bed);
  } finally {
    bed.pump.flush();
    mock.timers.reset();
  }
}

test("what little comes is written ten times a second, and the table is brought up to date once a second", () => {
  withBed((bed) => {
    assert.equal(bed.in(20), "table write");
    bed.filled = 1;
    assert.equal(bed.in(99), "");
    assert.equal(bed.in(1), "write");
    assert.equal(bed.in(900), `${"write ".repeat(8)}table write`);
  });
});

test("where frames wait for what the table tells it is brought up to date each time", () => {
  withBed(
    (bed) => {
      assert.equal(bed.in(20), "table write");
      assert.equal(bed.in(200), "table write table write");
    },
    false,
    true,
  );
});

test("a ring that fills is written at once, with the table as it is", () => {
  withBed((bed) => {
    bed.in(20);
    bed.filled = 8;
    // The next look is 20 ms later, then every 5.
    assert.equal(bed.in(19), "");
    assert.equal(bed.in(11), "write write write");
    assert.match(bed.in(970), /^(write )+table write$/);
  });
});

test("a ring that fills slowly is not looked at more often than an empty one", () => {
  withBed((bed) => {
    bed.in(20);
    const looksOf = (...filled: readonly number[]): number => {
      bed.looks = 0;
      for (const blocks of filled) {
        bed.filled = blocks;
        assert.equal(bed.in(20), "");
      }
      return bed.looks;
    };
    assert.equal(looksOf(1, 2, 3, 4), 4, "a block in 20 ms");
    assert.equal(bed.in(20), "write");
    assert.equal(looksOf(2, 4), 3, "a look more after two blocks in 20 ms");
  });
});

test("the table is brought up to date once when it does not know a flow", () => {
  withBed((bed) => {
    bed.in(20);
    bed.filled = 8;
    bed.isUnknown = true;
    assert.equal(bed.in(20), "write table");
    bed.filled = 1;
    bed.isUnknown = false;
    assert.equal(bed.in(80), "", "then nothing is due for 100 ms");
    assert.equal(bed.in(40), "write");
  });
});

test("before it ends the table is asked as often as it takes to know all that was announced", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const bed = new Bed();
    bed.in(20);
    const { events, time } = await stop(bed);
    assert.equal(events, `${"table write ".repeat(1 + 7)}close`);
    assert.ok(time >= 200 && time < 210, `${time} ms`);
  } finally {
    mock.timers.reset();
  }
});

test("frames that the kernel has not handed over are waited for, but not for ever", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const late = new Bed(true);
    const { events, time } = await stop(late, (now) => {
      if (now === 500) late.filled = 1;
    });
    assert.match(events, /close$/);
    assert.ok(time > 500 && time < 540, `${time} ms`);
    const never = await stop(new Bed(true));
    assert.match(never.events, /close$/);
    assert.ok(never.time > 1000 && never.time < 1300, `${never.time} ms`);
  } finally {
    mock.timers.reset();
  }
});
