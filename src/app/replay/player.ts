import type { Snapshot } from "../../model/index.ts";
import type { Playback, PlaybackState, SeekTarget } from "../../tui/index.ts";
import type { Clock } from "../headless.ts";
import type { Pass, PassOptions, ReplaySource } from "./pass.ts";
import { type Advance, Playhead, tickMillis } from "./playhead.ts";
import { RememberedFindings } from "./remembered-findings.ts";
import { placeBefore, SparePlayhead } from "./spare-playhead.ts";
import { speeds } from "./speeds.ts";
import { Survey } from "./survey.ts";

export interface PlayerOptions {
  readonly source: ReplaySource;
  /** The sources are files: they can be read again, and beside who plays them. */
  readonly seekable: boolean;
  /** The files still grow. */
  readonly follow?: () => Promise<boolean>;
  readonly engine: NonNullable<PassOptions["engine"]>;
  readonly clock: Clock;
  /** Lets others have their turn: keys, and what else waits. */
  readonly turn: () => Promise<void>;
  /** Milliseconds between two drawings while it plays. */
  readonly refresh: number;
  /** One of `speeds`. */
  readonly speed: number;
  /** The table as it is now. */
  readonly show: (snapshot: Snapshot) => void;
  /** Called a turn after `show`, before the table changes, for what did not have to be done at once; again while true. */
  readonly shown: () => boolean;
  /** Only where it stands has changed. */
  readonly redraw: () => void;
  /** What comes next is of an earlier time than what was shown: sums over time begin anew. */
  readonly restart: () => void;
  /** The end of the files was reached. */
  readonly ended: (pass: Pass) => void;
  readonly stop: AbortSignal;
}

/** Milliseconds of work before keys and drawing get their turn. */
const slice = 8;
/** However fast it goes, it is drawn so often at least. */
const slowestRefresh = 500;
/** Progress of a seek is drawn so often. */
const progressPeriod = 100;
/** What cannot be caught up with is not run after: milliseconds behind. */
const mostBehind = 1000;

/** On the way to a place: with the playhead in use, or with one that began anew because the place is behind. */
interface Job {
  readonly target: SeekTarget;
  readonly head: Playhead;
  /** Position when it began. */
  readonly from: number;
  /** Packets when it began. */
  readonly fromPackets: number;
  /** It began at the end. */
  readonly fromEnd: boolean;
}

/**
 * Plays capture files by a clock of its own: plays, pauses, steps, seeks, loops. Going back reads the files anew from
 * their beginning, while what was there stays on the screen; then a second playhead waits behind, for who goes back again.
 * Works in slices, so that keys are heard at any speed.
 */
export class Player implements Playback {
  readonly #options: PlayerOptions;
  readonly #survey = new Survey();
  readonly #findings = new RememberedFindings();
  #head: Playhead;
  #job: Job | undefined;
  /** Waits where one may go back to next. */
  #spare: SparePlayhead | undefined;
  #playing = true;
  #loops = false;
  #ended = false;
  #speed: number;
  /** Where the head was at which time of the machine: from there on the speed counts. */
  #anchor: { position: number; time: number };
  /** When it last played, and when it was to do something again. */
  #played: number;
  #due = Infinity;
  #drawn = -Infinity;
  #shown = -Infinity;
  #hasShown = false;
  #wake: (() => void) | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#speed = options.speed;
    this.#head = this.#newHead();
    this.#played = options.clock.monotonic();
    this.#anchor = { position: 0, time: this.#played };
  }

  get head(): Playhead {
    return this.#head;
  }

  #newHead(): Playhead {
    const { source, follow, engine, seekable } = this.#options;
    const count = seekable ? undefined : this.#survey.count.bind(this.#survey);
    // Frames of several files that grow may come in another order the next time.
    const isSameAgain = seekable && (follow === undefined || source.captures.length === 1);
    const findings = isSameAgain && { findings: this.#findings };
    return new Playhead(source, { ...(follow && { follow }), ...findings, engine }, count);
  }

  state(): PlaybackState {
    const { position, packets, clock, begin } = this.#head;
    const survey = this.#survey;
    return {
      position,
      packets,
      clock,
      begin: begin ?? survey.begin,
      length: Math.max(position, survey.estimate),
      totalPackets: Math.max(packets, survey.packets),
      // A pipe is counted as it is read.
      isCounted: survey.isDone || (this.#ended && !this.#options.seekable),
      speed: this.#speed,
      playing: this.#playing,
      loops: this.#loops,
      ended: this.#ended,
      seeking: this.#job && share(this.#job),
      rate: survey.rate,
    };
  }

  /** Plays until `stop`. */
  async run(): Promise<void> {
    const { stop, source, seekable, follow, turn } = this.#options;
    const survey = seekable ? this.#survey.run(source, follow, stop) : undefined;
    void survey?.then(() => this.#redraw(-Infinity));
    stop.addEventListener("abort", () => this.#wake?.(), { once: true });
    while (!stop.aborted) {
      const delay = await this.#work();
      if (this.#hasShown) await this.#finishShowing();
      this.#due = this.#options.clock.monotonic() + delay;
      if (delay > 0) await this.#sleep(delay);
      else await turn();
    }
    this.#dropSpare();
    this.#head.close();
  }

  async #finishShowing(): Promise<void> {
    this.#hasShown = false;
    const { turn, shown } = this.#options;
    do await turn();
    while (shown());
  }

  /** Waits for `delay` milliseconds, or until something is asked for. */
  #sleep(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = delay === Infinity ? undefined : this.#options.clock.after(delay, () => this.#wake?.());
      this.#wake = () => {
        cancel?.();
        this.#wake = undefined;
        resolve();
      };
      if (this.#options.stop.aborted) this.#wake();
    });
  }

  /** A slice of what is to be done; milliseconds until the next one is due. */
  #work(): Promise<number> | number {
    if (this.#job !== undefined) return this.#seekOn(this.#job);
    if (!this.#playing) return this.#spare === undefined ? Infinity : this.#prepare(this.#spare);
    if (this.#ended) this.#beginAgain();
    return this.#playOn();
  }

  async #prepare(spare: SparePlayhead): Promise<number> {
    if (spare.isThere) return Infinity;
    if (spare.advance(this.#deadline(this.#options.clock.monotonic())))
      await this.#framesOr(slowestRefresh, spare.head);
    return 0;
  }

  async #playOn(): Promise<number> {
    const head = this.#head;
    const now = this.#options.clock.monotonic();
    // The whole program stood still (Ctrl-Z): nobody has seen that time pass.
    if (now - this.#due > mostBehind) this.#setAnchor();
    const target =
      this.#speed === Infinity ? Infinity : this.#anchor.position + (now - this.#anchor.time) * this.#speed;
    const how = head.advance(target, Infinity, this.#deadline(now));
    if (how === "end") return this.#end();
    const elapsed = now - this.#played;
    this.#played = now;
    if (how === "wait") {
      // Where frames are still being made the file's clock goes on between them, as fast as time does at most.
      if (this.#isLive) head.skipTo(Math.min(target, head.position + elapsed * Math.min(this.#speed, 1)));
      this.#draw();
      await this.#framesOr(Math.max(1, this.#nextDraw()));
      return 0;
    }
    if (this.#speed !== Infinity && target - head.position > mostBehind * this.#speed) this.#setAnchor();
    this.#draw();
    return how === "late" ? 0 : Math.max(1, this.#nextDraw());
  }

  get #isLive(): boolean {
    return !this.#options.seekable || this.#options.follow !== undefined;
  }

  #end(): number {
    this.#ended = true;
    this.#playing = this.#loops && this.#options.seekable && this.#head.packets > 0;
    this.#show();
    this.#options.ended(this.#head.pass);
    // Also a file of one packet is to be seen before it begins again.
    return this.#playing ? this.#period : Infinity;
  }

  #beginAgain(): void {
    this.#ended = false;
    if (!this.#options.seekable) return;
    this.#replaceHead(this.#newHead());
    this.#setAnchor();
  }

  #replaceHead(head: Playhead): void {
    if (head === this.#head) return;
    this.#head.close();
    this.#head = head;
    this.#options.restart();
    this.#shown = -Infinity;
  }

  async #seekOn(job: Job): Promise<number> {
    const { target, head } = job;
    const isTime = target.kind === "time";
    const now = this.#options.clock.monotonic();
    const until = isTime ? target.time : Infinity;
    const how = head.advance(until, isTime ? Infinity : target.packets, this.#deadline(now));
    if (how === "reached" || how === "end") {
      this.#arrive(job, how);
      return 0;
    }
    if (head === this.#head) this.#draw();
    else this.#redraw(progressPeriod);
    if (how === "wait") await this.#framesOr(slowestRefresh, head);
    return 0;
  }

  #arrive({ target, head }: Job, how: Advance): void {
    this.#job = undefined;
    const isBack = head !== this.#head;
    const from = target.kind === "time" ? this.#head.position : this.#head.packets;
    this.#replaceHead(head);
    this.#ended = how === "end";
    if (this.#ended && !this.#loops) this.#playing = false;
    this.#setAnchor();
    this.#show();
    if (this.#ended) this.#options.ended(head.pass);
    if (!isBack) return;
    this.#dropSpare();
    const place = this.#playing ? undefined : placeBefore(target, from);
    if (place !== undefined) this.#spare = new SparePlayhead(this.#newHead(), place);
  }

  #dropSpare(): void {
    this.#spare?.head.close();
    this.#spare = undefined;
  }

  #deadline(now: number): () => boolean {
    const { clock } = this.#options;
    return () => clock.monotonic() - now >= slice;
  }

  /** Until frames have come, something is asked for, or so many milliseconds are over. */
  async #framesOr(delay: number, head = this.#head): Promise<void> {
    await Promise.race([head.ready(), this.#sleep(delay)]);
    this.#wake?.();
  }

  get #period(): number {
    return this.#speed === Infinity || this.#job !== undefined
      ? Math.min(this.#options.refresh, slowestRefresh)
      : this.#options.refresh;
  }

  #nextDraw(): number {
    return this.#drawn + this.#period - this.#options.clock.monotonic();
  }

  /** Shows the table when it is time to. */
  #draw(): void {
    if (this.#nextDraw() <= 0) this.#show();
  }

  #show(): void {
    this.#drawn = this.#options.clock.monotonic();
    const snapshot = this.#head.look();
    if (snapshot === undefined) {
      this.#options.redraw();
      return;
    }
    // The file's own clock was set back.
    if (snapshot.time < this.#shown) this.#options.restart();
    this.#shown = snapshot.time;
    this.#options.show(snapshot);
    this.#hasShown = true;
  }

  /** Draws where it stands, when that was longer than `period` ago. */
  #redraw(period: number): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#drawn < period) return;
    this.#drawn = now;
    this.#options.redraw();
  }

  #setAnchor(): void {
    this.#played = this.#options.clock.monotonic();
    this.#anchor = { position: this.#head.position, time: this.#played };
  }

  playPause(): void {
    if (this.#job !== undefined) this.cancelSeek();
    this.#playing = !this.#playing;
    if (this.#playing) this.#dropSpare();
    this.#setAnchor();
    this.#wake?.();
  }

  faster(): void {
    this.#setSpeed(speeds.find((one) => one > this.#speed));
  }

  slower(): void {
    this.#setSpeed(speeds.findLast((one) => one < this.#speed));
  }

  #setSpeed(speed: number | undefined): void {
    if (speed === undefined) return;
    this.#speed = speed;
    this.#setAnchor();
    this.#wake?.();
  }

  toggleLoop(): void {
    this.#loops = !this.#loops;
  }

  seek(target: SeekTarget): boolean {
    const clean: SeekTarget =
      target.kind === "time"
        ? { kind: "time", time: Math.max(0, target.time) }
        : { kind: "packet", packets: Math.max(1, Math.floor(target.packets)) };
    // A playhead that is already on the way back may be the nearer one, or one that waits.
    let head: Playhead | undefined;
    for (const one of [this.#head, this.#job?.head, this.#spare?.head]) {
      if (one === undefined || isBehind(clean, one)) continue;
      if (head === undefined || one.packets > head.packets) head = one;
    }
    if (head === undefined) {
      if (!this.#options.seekable) return false;
      head = this.#newHead();
    }
    if (head === this.#spare?.head) this.#spare = undefined;
    if (this.#job !== undefined && this.#job.head !== head && this.#job.head !== this.#head) this.#job.head.close();
    const fromEnd = this.#job?.fromEnd ?? this.#ended;
    this.#job = { target: clean, head, from: head.position, fromPackets: head.packets, fromEnd };
    this.#ended = false;
    this.#wake?.();
    return true;
  }

  stepPackets(by: number): boolean {
    const asked = this.#job?.target;
    const from = asked?.kind === "packet" ? asked.packets : this.#head.packets;
    return this.#step({ kind: "packet", packets: from + by });
  }

  stepTicks(by: number): boolean {
    const asked = this.#job?.target;
    const from = asked?.kind === "time" ? asked.time : this.#head.position;
    // On the ticks themselves: there rates are as fresh as they get.
    const tick = by > 0 ? Math.floor(from / tickMillis) + by : Math.ceil(from / tickMillis) + by;
    return this.#step({ kind: "time", time: tick * tickMillis });
  }

  #step(target: SeekTarget): boolean {
    if (!this.seek(target)) return false;
    this.#playing = false;
    return true;
  }

  cancelSeek(): void {
    if (this.#job === undefined) return;
    const { head, fromEnd } = this.#job;
    if (head !== this.#head) head.close();
    this.#job = undefined;
    this.#ended = fromEnd;
    this.#setAnchor();
    this.#show();
    this.#wake?.();
  }
}

/** The place lies before where the head is: also where time has passed since the packet that is asked for. */
function isBehind(target: SeekTarget, { position, packets, arrived }: Playhead): boolean {
  if (target.kind === "time") return target.time < position;
  return target.packets < packets || (target.packets === packets && position > arrived);
}

/** How much of the way is done, 0 to 1. */
function share({ target, head, from, fromPackets }: Job): number {
  const [at, begin, end] =
    target.kind === "time" ? [head.position, from, target.time] : [head.packets, fromPackets, target.packets];
  return end > begin ? Math.max(0, Math.min(1, (at - begin) / (end - begin))) : 1;
}
