import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Player, type PlayerOptions } from "../../src/app/replay/player.ts";
import { PcapWriter } from "../../src/files/index.ts";
import { epochMillis, type Connection, type Snapshot } from "../../src/model/index.ts";
import { copyConnection } from "../../src/tui/freeze.ts";
import { FakeClock } from "../cli/fakes.ts";
import { buildFrame, type FrameText } from "../flow/frames.ts";

/** When the files of these tests begin. */
export const begin = 1_700_000_000_000;

/** A frame, so many milliseconds after the beginning. */
export type Shot = readonly [at: number, frame: Uint8Array];

const directory = mkdtempSync(join(tmpdir(), "socklens-player-"));
process.on("exit", () => rmSync(directory, { recursive: true }));
let files = 0;

export function pcapOf(shots: readonly Shot[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: 1 });
  for (const [at, bytes] of shots) writer.frame({ time: epochMillis(begin + at), bytes });
  writer.flush();
  return Buffer.concat(parts);
}

export function write(bytes: Uint8Array): string {
  const path = join(directory, `${files++}.pcap`);
  writeFileSync(path, bytes);
  return path;
}

export const frame = (text: Partial<FrameText>): Uint8Array =>
  buildFrame({
    protocol: "udp",
    source: "192.0.2.1",
    sourcePort: 40_000,
    destination: "192.0.2.2",
    destinationPort: 5001,
    ...text,
  });

/** One connection of TCP from `at` on: handshake, `exchanges` of 100 and 1,000 bytes a period of `every`, and its end. */
function stream(at: number, port: number, exchanges: number, every: number): Shot[] {
  const shots: Shot[] = [];
  const [mine, other] = ["192.0.2.1", "198.51.100.7"];
  let [sent, got, now] = [1000, 5000, at];
  const say = (out: boolean, flags: string, length: number): void => {
    const ports = out ? { sourcePort: port, destinationPort: 443 } : { sourcePort: 443, destinationPort: port };
    shots.push([
      now,
      frame({
        protocol: "tcp",
        source: out ? mine : other,
        destination: out ? other : mine,
        ...ports,
        flags,
        sequence: out ? sent : got,
        acknowledgement: flags === "S" ? 0 : out ? got : sent,
        payload: new Uint8Array(length),
      }),
    ]);
    const next = length + (/[SF]/.test(flags) ? 1 : 0);
    if (out) sent += next;
    else got += next;
    now += 5;
  };
  say(true, "S", 0);
  say(false, "SA", 0);
  say(true, "A", 0);
  for (let index = 0; index < exchanges; index++) {
    now = at + (index + 1) * every;
    say(true, "PA", 100);
    say(false, "PA", 1000);
    say(true, "A", 0);
  }
  say(true, "FA", 0);
  say(false, "FA", 0);
  say(true, "A", 0);
  return shots;
}

/** A minute with 12 connections that begin and end in it, questions and answers, and a silence of 20 s in the middle. */
export function minute(): Shot[] {
  const shots: Shot[] = [];
  for (let index = 0; index < 12; index++) {
    const at = index * 3000 + (index >= 6 ? 22_000 : 0);
    shots.push(...stream(at, 40_000 + index, 3 + (index % 4), 150 + index * 40));
    shots.push([at + 120, frame({ sourcePort: 50_000 + index })]);
    shots.push([
      at + 130,
      frame({ source: "192.0.2.2", sourcePort: 5001, destination: "192.0.2.1", destinationPort: 50_000 + index }),
    ]);
  }
  return shots.sort(([one], [other]) => one - other);
}

/** What two tables are compared by: everything of every row. */
export const rowsOf = (snapshot: Snapshot | undefined): Connection[] =>
  (snapshot?.connections ?? []).map(copyConnection).sort((one, other) => one.id - other.id);

/** A player of a file, with a clock that the test moves. */
export class Rig {
  readonly clock = new FakeClock();
  readonly player: Player;
  /** Every state that was shown, and the last one. */
  readonly times: number[] = [];
  shown: Snapshot | undefined;
  /** How often what was left of showing it was done. */
  rests = 0;
  restarts = 0;
  redraws = 0;
  readonly ends: (readonly string[])[] = [];
  readonly #descriptors: readonly number[];
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;
  #turns = 0;

  constructor(
    paths: string | readonly string[],
    options: Partial<PlayerOptions> & { readonly follows?: boolean } = {},
  ) {
    const list = typeof paths === "string" ? [paths] : paths;
    this.#descriptors = list.map((path) => openSync(path, "r"));
    const { follows, ...rest } = options;
    const { signal } = this.#stop;
    this.player = new Player({
      source: { captures: list.map((file, index) => ({ file, descriptor: this.#descriptors[index]! })) },
      seekable: true,
      engine: {},
      clock: this.clock,
      turn: () => {
        this.#turns++;
        return new Promise((resolve) => setImmediate(resolve));
      },
      refresh: 500,
      speed: 1,
      show: (snapshot) => {
        this.shown = snapshot;
        this.times.push(snapshot.time - begin);
      },
      shown: () => ++this.rests % 2 === 1,
      redraw: () => this.redraws++,
      restart: () => this.restarts++,
      ended: (pass) => this.ends.push(pass.damages()),
      stop: signal,
      ...(follows === true && {
        follow: () =>
          new Promise<boolean>((resolve) => {
            this.clock.after(50, () => resolve(true));
            signal.addEventListener("abort", () => resolve(false), { once: true });
          }),
      }),
      ...rest,
    });
    this.#run = this.player.run();
  }

  get state(): ReturnType<Player["state"]> {
    return this.player.state();
  }

  /** Until nothing more is done without time going on. */
  async settle(): Promise<void> {
    for (let quiet = 0, turns = this.#turns; quiet < 12; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turns !== this.#turns) quiet = 0;
      turns = this.#turns;
    }
  }

  /** Lets time go on. */
  async pass(millis: number, step = 50): Promise<void> {
    for (const end = this.clock.time + millis; this.clock.time < end;) {
      await this.settle();
      await this.clock.run(Math.min(end, this.clock.time + step));
    }
    await this.settle();
  }

  /** Lets time go on until `condition` holds: files that grow are read by threads, whose time is not the test's. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (const deadline = performance.now() + 20_000; !condition();) {
      if (performance.now() > deadline) throw new Error(`never came: ${what}`);
      await this.pass(50);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#run;
    await this.settle();
    for (const descriptor of this.#descriptors) closeSync(descriptor);
  }
}
