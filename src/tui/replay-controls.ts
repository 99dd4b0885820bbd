import { SeekDialog } from "./dialogs/seek-dialog.ts";
import type { Command } from "./keys.ts";
import type { Playback, PlaybackState } from "./playback.ts";
import type { TabHost } from "./tab-screen.ts";

/** Share of the file that a skip goes over. */
const skipShare = 1 / 20;

/** What keys and clicks ask of a replay. */
export class ReplayControls {
  readonly #playback: Playback;
  readonly #host: TabHost;

  constructor(playback: Playback, host: TabHost) {
    this.#playback = playback;
    this.#host = host;
  }

  get state(): PlaybackState {
    return this.#playback.state();
  }

  /** Carries out a command of the replay; false: it is none. */
  run(command: Command): boolean {
    const playback = this.#playback;
    switch (command) {
      case "playPause":
        playback.playPause();
        return true;
      case "faster":
        playback.faster();
        return true;
      case "slower":
        playback.slower();
        return true;
      case "stepPacket":
      case "stepPacketBack":
        this.#moved(playback.stepPackets(command === "stepPacket" ? 1 : -1));
        return true;
      case "stepTick":
      case "stepTickBack":
        this.#moved(playback.stepTicks(command === "stepTick" ? 1 : -1));
        return true;
      case "skipForward":
      case "skipBack":
        this.#skip(command === "skipForward" ? skipShare : -skipShare);
        return true;
      case "seek":
        this.#host.show(new SeekDialog({ messages: this.#host.messages, playback }));
        return true;
      case "loop":
        playback.toggleLoop();
        this.#host.say(playback.state().loops ? this.#host.messages.loopOn : this.#host.messages.loopOff);
        return true;
      default:
        return false;
    }
  }

  /** Goes to a share of the file: a click on the timeline. */
  seekShare(share: number): void {
    const time = Math.max(0, Math.min(1, share)) * this.state.length;
    this.#moved(this.#playback.seek({ kind: "time", time }));
  }

  /** True: it was on its way somewhere, and no longer is. */
  cancel(): boolean {
    if (this.state.seeking === undefined) return false;
    this.#playback.cancelSeek();
    return true;
  }

  #skip(share: number): void {
    const { position, length } = this.state;
    this.#moved(this.#playback.seek({ kind: "time", time: Math.max(0, position + share * length) }));
  }

  #moved(possible: boolean): void {
    if (!possible) this.#host.say(this.#host.messages.seekPipe);
  }
}
