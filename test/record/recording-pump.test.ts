import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RecordingPump } from "../../src/app/record/recording-pump.ts";

/** A pump over made-up parts, with a clock that the test moves. */
class Bed {
  /** Full blocks of 64. */
  filled = 0;
  /** Whether frames have flows that the table does not know. */
  isUnknown = false;
  /** What happened, in its order. */
  readonly events: string[] = [];
  readonly pump: RecordingPump;
  #time = 0;

  constructor() {
    this.pump = new RecordingPump({
      clock: () => this.#time,
      engine: { drain: () => void this.events.push("table") },
      ring: { blockCount: 64, isFilled: (blocks) => this.filled >= blocks },
      recorder: {
        drain: (_, refresh) => {
          this.events.push("write");
          // Two blocks of frames that nobody knows.
          for (let block = 0; block < 2 && this.isUnknown; block++) refresh?.();
        },
        hasStrangers: false,
        close: () => Promise.reject(new Error("not closed here")),
        ended: false,
      },
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

function withBed(run: (bed: Bed) => void): void {
  mock.timers.enable({ apis: ["setTimeout"] });
  const bed = new Bed();
  try {
    run(bed);
  } finally {
    bed.pump.flush();
    mock.timers.reset();
  }
}

test("what little comes is written ten times a second, after the table was brought up to date", () => {
  withBed((bed) => {
    assert.equal(bed.in(20), "table write");
    bed.filled = 1;
    assert.equal(bed.in(99), "");
    assert.equal(bed.in(1), "table write");
  });
});

test("a ring that fills is written at once, with the table as it is", () => {
  withBed((bed) => {
    bed.in(20);
    bed.filled = 8;
    // The next look is 20 ms later, then every 5.
    assert.equal(bed.in(19), "");
    assert.equal(bed.in(11), "write write write");
    assert.match(bed.in(70), /^(write )+table write$/);
  });
});

test("the table is brought up to date once when it does not know a flow", () => {
  withBed((bed) => {
    bed.in(20);
    bed.filled = 8;
    bed.isUnknown = true;
    assert.equal(bed.in(20), "write table");
    bed.filled = 1;
    assert.equal(bed.in(104), "", "then it is not due for 100 ms");
    assert.equal(bed.in(20), "table write");
  });
});
