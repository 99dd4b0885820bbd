import { formatCount } from "../../export/index.ts";
import type { OpenCapture } from "../../files/index.ts";
import type { Clock } from "../headless.ts";

/** A terminal's line that is written again and again. */
export interface ProgressLine {
  /** Replaces what stands there; "" takes it away. */
  show(text: string): void;
}

/** Milliseconds between two looks at the line. */
const period = 250;

const sizes = ["B", "kB", "MB", "GB", "TB"] as const;

function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < sizes.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is known of a run at one moment. */
export interface ProgressFacts {
  readonly packets: number;
  readonly readBytes: number;
  /** NaN where a source has no known end. */
  readonly totalBytes: number;
  readonly seconds: number;
}

/** "1,200,000 packets, 120 MB of 1.2 GB (10 %), 400,000 packets/s, 27 s left" */
export function progressText(facts: ProgressFacts): string {
  const { packets, readBytes, totalBytes, seconds } = facts;
  const parts = [`${formatCount(packets)} packets`];
  const known = totalBytes > 0;
  if (known) {
    const share = Math.min(1, readBytes / totalBytes);
    parts.push(`${bytes(readBytes)} of ${bytes(totalBytes)} (${Math.floor(share * 100)} %)`);
  } else parts.push(bytes(readBytes));
  if (seconds > 0) parts.push(`${formatCount(packets / seconds)} packets/s`);
  if (known && seconds > 1 && readBytes > 0) {
    parts.push(`${duration((seconds * Math.max(0, totalBytes - readBytes)) / readBytes)} left`);
  }
  return parts.join(", ");
}

/** Shows how far the reading is, a few times a second at most, without a timer: it is asked after each batch. */
export class Progress {
  readonly #captures: readonly OpenCapture[];
  readonly #line: ProgressLine;
  readonly #clock: Clock;
  readonly #start: number;
  #next: number;
  #shown = false;

  constructor(captures: readonly OpenCapture[], line: ProgressLine, clock: Clock) {
    this.#captures = captures;
    this.#line = line;
    this.#clock = clock;
    this.#start = clock.monotonic();
    // What is over in a moment shows nothing.
    this.#next = this.#start + period;
  }

  update(): void {
    const now = this.#clock.monotonic();
    if (now < this.#next) return;
    this.#next = now + period;
    let packets = 0;
    let readBytes = 0;
    let totalBytes = 0;
    for (const capture of this.#captures) {
      packets += capture.frames;
      readBytes += capture.readBytes;
      totalBytes += capture.totalBytes ?? Number.NaN;
    }
    this.#line.show(progressText({ packets, readBytes, totalBytes, seconds: (now - this.#start) / 1000 }));
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#line.show("");
    this.#shown = false;
  }
}
