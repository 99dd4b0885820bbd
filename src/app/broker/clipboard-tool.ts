/** Puts text into the clipboard by a program of the desktop or of tmux: the sandboxed engine cannot reach either. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { InvokingUser } from "./invoking-user.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where system programs are: what the environment says about that is not trusted. */
const directories = ["/usr/local/bin", "/usr/bin", "/bin", "/run/current-system/sw/bin"];
/** Longest time a program may take; xclip and wl-copy go to the background by themselves. */
const patienceMillis = 2000;

/** Programs in the order they are tried, each where `when` finds what it needs in the environment. */
const tools: readonly {
  readonly when: (environment: Environment) => boolean;
  readonly words: readonly [string, ...string[]];
}[] = [
  { when: (environment) => (environment["TMUX"] ?? "") !== "", words: ["tmux", "load-buffer", "-w", "-"] },
  { when: (environment) => (environment["WAYLAND_DISPLAY"] ?? "") !== "", words: ["wl-copy"] },
  { when: (environment) => (environment["DISPLAY"] ?? "") !== "", words: ["xclip", "-selection", "clipboard"] },
  { when: (environment) => (environment["DISPLAY"] ?? "") !== "", words: ["xsel", "--clipboard", "--input"] },
  { when: () => true, words: ["pbcopy"] },
];

function find(program: string, where: readonly string[]): string | undefined {
  return where
    .map((directory) => join(directory, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The command that fits the environment and is installed; undefined when there is none. */
export function clipboardCommand(
  environment: Environment,
  where: readonly string[] = directories,
): readonly [string, ...string[]] | undefined {
  for (const { when, words } of tools) {
    const path = when(environment) ? find(words[0], where) : undefined;
    if (path !== undefined) return [path, ...words.slice(1)];
  }
  return undefined;
}

/** Hands texts to the tool, as the user; one program at a time, whatever is asked. Nothing is told when it fails: the terminal was asked too. */
export class ClipboardTool {
  readonly #user: InvokingUser;
  readonly #environment: Environment;
  readonly #command: readonly [string, ...string[]] | undefined;
  #busy = false;
  /** The newest text that came while a program ran. */
  #next: string | undefined;

  constructor(user: InvokingUser, environment: Environment = process.env, where: readonly string[] = directories) {
    this.#user = user;
    this.#environment = environment;
    this.#command = clipboardCommand(environment, where);
  }

  copy(text: string): void {
    if (this.#command === undefined) return;
    if (this.#busy) this.#next = text;
    else this.#run(this.#command, text);
  }

  #run([path, ...words]: readonly [string, ...string[]], text: string): void {
    const { uid, gid, home } = this.#user;
    const root = process.getuid?.() === 0 && uid !== 0;
    const runtime = this.#environment["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`;
    this.#busy = true;
    const child = spawn(path, words, {
      stdio: ["pipe", "ignore", "ignore"],
      timeout: patienceMillis,
      killSignal: "SIGKILL",
      ...(root ? { uid, gid } : {}),
      env: { ...this.#environment, XDG_RUNTIME_DIR: runtime, ...(home === undefined ? {} : { HOME: home }) },
    });
    const done = (): void => {
      const next = this.#next;
      this.#busy = false;
      this.#next = undefined;
      if (next !== undefined) this.copy(next);
    };
    child.on("error", done);
    child.on("exit", done);
    // There is none where descriptors ran out.
    const input = child.stdin as Writable | undefined;
    input?.on("error", () => {});
    input?.end(text);
    child.unref();
  }
}
