import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { configurationPath, openUserFile, readDescriptor, statePath, writeState } from "../../src/app/config/files.ts";

const root = process.getuid?.() === 0;
let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "socklens-config-"));
  chmodSync(directory, 0o755);
});
after(() => rmSync(directory, { recursive: true }));

const program = join(import.meta.dirname, "../../bin/socklens");

function run(
  args: readonly string[],
  environment: Record<string, string> = {},
): { code: number; out: string; error: string } {
  const { PATH = "" } = process.env;
  const done = spawnSync(program, ["config", ...args], {
    encoding: "utf8",
    env: { PATH, HOME: directory, ...environment },
    timeout: 60_000,
  });
  return { code: done.status ?? -1, out: done.stdout, error: done.stderr };
}

test("path, print and check of the usual file", () => {
  const path = join(directory, ".config/socklens/config.toml");
  assert.deepEqual(run(["path"]), { code: 0, out: `${path}\n`, error: "" });
  assert.equal(run(["path"], { XDG_CONFIG_HOME: "/elsewhere" }).out, "/elsewhere/socklens/config.toml\n");
  assert.equal(run(["path"], { XDG_CONFIG_HOME: "relative" }).out, `${path}\n`);
  assert.match(run(["check"]).out, /the program's own settings hold/);
  mkdirSync(join(directory, ".config/socklens"), { recursive: true });
  writeFileSync(path, 'theme = "nord"\n');
  assert.deepEqual(run(["check"]), { code: 0, out: `${path}: fine\n`, error: "" });
  assert.match(run(["print"]).out, /\ntheme = "nord"\n/);
  assert.match(run(["print"], { SOCKLENS_THEME: "dracula" }).out, /\ntheme = "dracula"\n/);
  writeFileSync(path, 'x = 1\n\ntheme = "\u001b[31m"\n');
  const wrong = run(["check"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.error, /config\.toml:3:10: /);
  assert.ok(!wrong.error.includes("\u001b"));
});

test("a file that is named must be there and be a text", () => {
  assert.match(run(["check", "--config", join(directory, "none.toml")]).error, /there is no file/);
  assert.equal(run(["check", "--config", join(directory, "none.toml")]).code, 2);
  writeFileSync(join(directory, "bytes.toml"), Buffer.from([0xff, 0xfe]));
  assert.match(run(["check", "--config", join(directory, "bytes.toml")]).error, /not a text in UTF-8/);
  writeFileSync(join(directory, "long.toml"), "#".repeat(70_000));
  assert.match(run(["print"], { SOCKLENS_CONFIG: join(directory, "long.toml") }).error, /70000 bytes, at most 65536/);
  execFileSync("mkfifo", [join(directory, "fifo.toml")]);
  assert.match(run(["check", "--config", join(directory, "fifo.toml")]).error, /not a plain file/);
});

test("wrong words are told with what to write", () => {
  assert.match(run([]).error, /socklens config print, path or check/);
  assert.match(run(["chek"]).error, /did you mean check/);
  assert.equal(run(["chek"]).code, 2);
});

const user = { uid: 12_345, gid: 12_345, home: "/home/somebody" };

test("under sudo the caller's home counts, not the environment of root", { skip: root ? false : "needs root" }, () => {
  const environment = { XDG_CONFIG_HOME: "/root/x", XDG_STATE_HOME: "/root/y" };
  assert.equal(configurationPath(user, environment, undefined), "/home/somebody/.config/socklens/config.toml");
  assert.equal(statePath(user, environment), "/home/somebody/.local/state/socklens/screen.json");
});

test("root reads with the caller's rights alone", { skip: root ? false : "needs root" }, () => {
  const own = join(directory, "own.toml");
  writeFileSync(own, "a = 1");
  chownSync(own, user.uid, user.gid);
  const opened = openUserFile(user, own, 100);
  assert.ok("descriptor" in opened);
  assert.equal(readDescriptor(opened.descriptor, 100), "a = 1");
  const secret = join(directory, "secret");
  writeFileSync(secret, "x", { mode: 0o600 });
  symlinkSync(secret, join(directory, "link.toml"));
  assert.match(JSON.stringify(openUserFile(user, join(directory, "link.toml"), 100)), /no permission to read it/);
  chmodSync(own, 0o666);
  assert.match(JSON.stringify(openUserFile(user, own, 100)), /others can change it: chmod go-w/);
  chmodSync(own, 0o644);
  chownSync(own, 54_321, 54_321);
  assert.match(JSON.stringify(openUserFile(user, own, 100)), /belongs to somebody else/);
});

test(
  "the state is written whole, with the caller's rights, and not where they may not",
  { skip: root ? false : "needs root" },
  () => {
    const home = join(directory, "home");
    mkdirSync(home);
    chownSync(home, user.uid, user.gid);
    const path = join(home, ".local/state/socklens/screen.json");
    assert.ok(writeState(user, path, "one"));
    assert.ok(writeState(user, path, "two"));
    assert.equal(readFileSync(path, "utf8"), "two");
    assert.ok(!writeState(user, join(directory, "screen.json"), "no"));
    assert.ok(!writeState(user, path, "x".repeat(20_000)));
  },
);
