import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ClipboardTool, clipboardCommand } from "../../src/app/broker/clipboard-tool.ts";
import { invokingUser } from "../../src/app/broker/invoking-user.ts";
import { until } from "../until.ts";

describe("the clipboard's program", () => {
  let directory: string;
  const copied = (): string => join(directory, "copied");
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "socklens-clipboard-"));
    for (const name of ["tmux", "wl-copy", "xsel"]) {
      writeFileSync(join(directory, name), `#!/bin/sh\ncat > '${copied()}.new'; mv '${copied()}.new' '${copied()}'\n`);
      chmodSync(join(directory, name), 0o755);
    }
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("is chosen by what the environment names and what is installed", () => {
    const where = [directory];
    const of = (environment: Record<string, string>): string | undefined =>
      clipboardCommand(environment, where)?.join(" ");
    assert.equal(of({ TMUX: "/tmp/tmux-0/default,1,0", DISPLAY: ":0" }), join(directory, "tmux load-buffer -w -"));
    assert.equal(of({ WAYLAND_DISPLAY: "wayland-0" }), join(directory, "wl-copy"));
    assert.equal(of({ DISPLAY: ":0" }), join(directory, "xsel --clipboard --input"), "xclip is not installed");
    assert.equal(of({}), undefined);
  });

  it("gets the text", async () => {
    new ClipboardTool(invokingUser(), { WAYLAND_DISPLAY: "wayland-0" }, [directory]).copy("192.0.2.1:443");
    await until(() => existsSync(copied()));
    assert.equal(readFileSync(copied(), "utf8"), "192.0.2.1:443");
  });

  it("runs one program at a time, and ends with the newest text", async () => {
    const log = join(directory, "log");
    const tool = join(directory, "slow/wl-copy");
    mkdirSync(join(directory, "slow"));
    writeFileSync(
      tool,
      `#!/bin/sh\nmkdir '${directory}/running' || echo overlap >> '${log}'\ncat >> '${log}'; echo >> '${log}'\nrmdir '${directory}/running'\n`,
    );
    chmodSync(tool, 0o755);
    const clipboard = new ClipboardTool(invokingUser(), { WAYLAND_DISPLAY: "wayland-0" }, [join(directory, "slow")]);
    for (let index = 0; index < 50; index++) clipboard.copy(`text ${index}`);
    const lines = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "");
    await until(() => lines().includes("text 49\n"));
    assert.equal(lines(), "text 0\ntext 49\n");
  });
});
