/** `socklens replay` on a terminal: capture files played on the screen. */
import { fstatSync, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { openGeoDatabases, readServices } from "../../enrich/index.ts";
import { createScreen, openProcessTerminal, type Screen } from "../../tui/index.ts";
import type { Command } from "../cli/index.ts";
import { writeRemembered } from "../config/index.ts";
import { systemClock } from "../headless.ts";
import { Player } from "../replay/player.ts";
import { aborted, followPeriod, pause } from "../replay.ts";
import { replaySource } from "./replay-source.ts";
import type { EngineContext } from "./context.ts";
import { screenEngine, screenOptions, setUpScreen } from "./screen-setup.ts";

type PlayCommand = Extract<Command, { readonly kind: "play" }>;

/** Ended connections that stay in the table, so that a whole file can be searched; then the oldest go. */
const closedKept = 50_000;

/** The keyboard, when standard input is a capture; a text when there is none. */
function openKeyboard(): ReadStream | string {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return "standard input is a capture and there is no terminal for keys: use --json, --csv or --plain";
  }
}

const isFile = (descriptor: number): boolean => fstatSync(descriptor).isFile();

function complain(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`socklens: ${line}\n`);
}

/** Plays until the person quits or `stop` is aborted; the exit code. */
export async function play(command: PlayCommand, context: EngineContext): Promise<number> {
  const setup = setUpScreen(command, context);
  if ("problem" in setup) {
    process.stderr.write(`${setup.problem}\n`);
    return 2;
  }
  const { stop, suspend, broker } = context;
  const { configuration } = setup;
  const source = replaySource(command, context);
  const input = command.files.includes("-") ? openKeyboard() : undefined;
  if (typeof input === "string") {
    complain([input]);
    return 1;
  }
  const quit = new AbortController();
  const over = AbortSignal.any([stop, quit.signal]);
  const seekable = source.captures.every(({ descriptor }) => isFile(descriptor));
  let screen: Screen | undefined;
  const geo = openGeoDatabases();
  const player = new Player({
    source,
    seekable,
    ...(command.follow && { follow: () => pause(systemClock, followPeriod, over) }),
    engine: { services: readServices(), geo: geo.lookup, shares: setup.shares, keepClosed: closedKept },
    clock: systemClock,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    refresh: configuration.refresh,
    speed: command.speed,
    show: (snapshot) => screen?.update(snapshot, true),
    shown: () => screen?.catchUp() === true,
    redraw: () => screen?.draw(),
    restart: () => screen?.restart(),
    ended: (pass) => {
      const [problem] = pass.damages();
      if (pass.isNone) quit.abort();
      else if (problem !== undefined) {
        screen?.say(problem);
        screen?.draw();
      }
    },
    stop: over,
  });
  // What is no capture at all needs no screen; what is still being written may take its time.
  if (seekable && !command.follow) await Promise.race([player.head.ready(), aborted(over)]);
  if (!player.head.pass.isNone && !over.aborted) {
    const terminal = openProcessTerminal({
      noColor: !command.color,
      onSignal: () => {},
      stop: suspend,
      ...(input && { input }),
    });
    screen = createScreen({
      terminal,
      engine: {
        ...screenEngine(() => player.head.pass.engine, broker),
        knowsCountries: geo.types.length > 0,
        quit: () => quit.abort(),
        playback: player,
      },
      options: screenOptions(setup, terminal, true),
    });
    try {
      await player.run();
    } finally {
      screen.close();
      broker.remember(writeRemembered(screen.remembered(), configuration.settings.columns));
    }
  }
  const { pass } = player.head;
  const broken = pass.damages();
  complain([...broken, ...(pass.isNone ? [] : pass.notes())]);
  return broken.length > 0 ? 1 : 0;
}
