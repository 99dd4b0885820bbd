/** Puts text into the clipboard by a program of the desktop or of tmux: the sandboxed engine cannot reach either. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
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

/** Hands `text` to the tool, as the user. Nothing is told when it fails: the terminal was asked too. */
export function copyByTool(
  text: string,
  user: InvokingUser,
  environment: Environment = process.env,
  where: readonly string[] = directories,
): void {
  const command = clipboardCommand(environment, where);
  if (command === undefined) return;
  const [path, ...words] = command;
  const root = process.getuid?.() === 0 && user.uid !== 0;
  const runtime = environment["XDG_RUNTIME_DIR"] ?? `/run/user/${user.uid}`;
  const child = spawn(path, words, {
    stdio: ["pipe", "ignore", "ignore"],
    timeout: patienceMillis,
    ...(root ? { uid: user.uid, gid: user.gid } : {}),
    env: { ...environment, XDG_RUNTIME_DIR: runtime, ...(user.home === undefined ? {} : { HOME: user.home }) },
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.stdin.end(text);
  child.unref();
}
