import { epochMillis } from "../../src/model/index.ts";
import type { Playback, PlaybackState, SeekTarget } from "../../src/tui/index.ts";

type MutableState = { -readonly [Key in keyof PlaybackState]: PlaybackState[Key] };

/** 2026-03-01 11:58:00 UTC. */
export const fileBegin = Date.UTC(2026, 2, 1, 11, 58);

/** A file of four minutes and 1,200 packets in which everything happens at once. */
export class FakePlayback implements Playback {
  /** A pipe is none. */
  seekable = true;
  readonly targets: SeekTarget[] = [];
  readonly value: MutableState = {
    position: 120_000,
    packets: 600,
    clock: epochMillis(fileBegin + 120_000),
    begin: epochMillis(fileBegin),
    length: 240_000,
    totalPackets: 1200,
    isCounted: true,
    speed: 1,
    playing: true,
    loops: false,
    ended: false,
    seeking: undefined,
    rate: { bytes: Float64Array.from({ length: 1024 }, (_, cell) => (cell % 7) * 100), width: 240 },
  };

  state(): PlaybackState {
    return this.value;
  }

  playPause(): void {
    this.value.playing = !this.value.playing;
  }

  faster(): void {
    this.value.speed *= 2;
  }

  slower(): void {
    this.value.speed /= 2;
  }

  toggleLoop(): void {
    this.value.loops = !this.value.loops;
  }

  seek(target: SeekTarget): boolean {
    if (!this.seekable) return false;
    this.targets.push(target);
    if (target.kind === "time") this.#go(Math.min(target.time, this.value.length));
    else this.#go(Math.min(target.packets, 1200) * 200);
    return true;
  }

  #go(position: number): void {
    this.value.position = position;
    this.value.packets = Math.round(position / 200);
    this.value.clock = epochMillis(fileBegin + position);
  }

  stepPackets(by: number): boolean {
    this.value.playing = false;
    return this.seek({ kind: "packet", packets: this.value.packets + by });
  }

  stepTicks(by: number): boolean {
    this.value.playing = false;
    return this.seek({ kind: "time", time: this.value.position + by * 500 });
  }

  cancelSeek(): void {
    this.value.seeking = undefined;
  }
}
