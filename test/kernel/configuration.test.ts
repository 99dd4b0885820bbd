import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { executable, missing, Terminal, until } from "./harness/index.ts";

const skip = missing("tmux") ?? false;

const has =
  (text: string | RegExp) =>
  (lines: readonly string[]): boolean =>
    lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));

describe("the configuration file and what is remembered, with the real program", { skip }, () => {
  let home: string;
  before(() => {
    home = mkdtempSync(join(tmpdir(), "socklens-home-"));
    chmodSync(home, 0o755);
    mkdirSync(join(home, ".config/socklens"), { recursive: true });
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  const write = (text: string): void => writeFileSync(join(home, ".config/socklens/config.toml"), text);
  const state = (): string => join(home, ".local/state/socklens/screen.json");

  function start(options = "", environment = ""): Terminal {
    const terminal = new Terminal(140, 30);
    const plain = `env -u SUDO_UID -u SUDO_GID -u XDG_CONFIG_HOME -u XDG_STATE_HOME HOME=${home}`;
    terminal.enter(`${environment === "" ? plain : environment} ${executable} ${options}; echo status $?`);
    return terminal;
  }

  it("holds, and what was changed on the screen comes back in the next run", async () => {
    write('[overview]\nsort = "process"\n[keys]\nquit = ["Q"]\n');
    const first = start();
    try {
      await first.shows(has(/by Process ▲/), "the configured order");
      await first.shows(has("Q Quit"), "the configured key");
      // Down to Remote, hidden.
      first.type("Cjj ");
      await first.shows(has("[ ] Remote"), "the column taken away");
      first.press("Enter");
      first.type("/port:1");
      await first.shows(has("port:1"), "the filter");
      first.press("Enter");
      first.type("Q");
      await first.shows(has("status 0"), "the end");
    } finally {
      first.close();
    }
    assert.match(readFileSync(state(), "utf8"), /"hidden":\["remote"\]/);
    assert.equal(statSync(state()).mode & 0o777, 0o600);
    const second = start();
    try {
      await second.shows((lines) => has(/Process▲ +PID +Local/)(lines), "the table without the column");
      second.type("/");
      second.press("Up");
      await second.shows(has(/Filter \/ port:1/), "the filter of before");
      second.press("Enter");
      second.type("Q");
      await second.shows(has("status 0"), "the end");
    } finally {
      second.close();
    }
  });

  it("an option beats the file, a mistake is told with its line and starts nothing", async () => {
    write('[overview]\nfilter = "port:1"\n');
    const given = start("--filter port:2");
    try {
      await given.shows(has("filter port:2"), "the filter of the option");
      given.type("q");
      await given.shows(has("status 0"), "the end");
    } finally {
      given.close();
    }
    write('theme = "default"\n[overveiw]\n');
    const wrong = start();
    try {
      await wrong.shows(has(/config\.toml:2:1: unknown table "overveiw"; did you mean/), "the mistake");
      await wrong.shows(has("status 2"), "the status");
    } finally {
      wrong.close();
    }
  });

  it("under sudo reads and writes as the caller, who owns what is written", async () => {
    const [uid, gid] = [12_345, 12_345];
    // Nobody of that number has a home: there is no file, and nothing is written anywhere.
    const terminal = start("", `env SUDO_UID=${uid} SUDO_GID=${gid} HOME=${home}`);
    try {
      await terminal.shows(has("Connections"), "the screen, whatever the file of root says");
      terminal.type("q");
      await terminal.shows(has("status 0"), "the end");
    } finally {
      terminal.close();
    }
    write("refresh = 100\n");
    const path = join(home, ".config/socklens/config.toml");
    chownSync(path, uid, gid);
    chmodSync(path, 0o666);
    const open = start(`--config ${path}`, `env SUDO_UID=${uid} SUDO_GID=${gid}`);
    try {
      await open.shows(has("others can change it"), "the refusal");
      await open.shows(has("status 2"), "the status");
    } finally {
      open.close();
    }
    assert.ok(await until(() => statSync(path).uid === uid, 1000, 50));
  });
});
