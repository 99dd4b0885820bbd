import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

const root = dirname(dirname(import.meta.dirname));
const runtimePackage = `node-linux-${process.arch}`;

describe("bin/socklens and tools/node", () => {
  let place = "";
  beforeEach(() => {
    place = realpathSync(mkdtempSync(join(tmpdir(), "socklens launcher-")));
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  /** A checkout with the start scripts only. */
  function checkout(directory: string): string {
    for (const item of ["bin", "tools/node"]) cpSync(join(root, item), join(directory, item), { recursive: true });
    return directory;
  }

  /** A runtime that prints what it was called with, one argument a line. */
  function runtime(modules: string): void {
    const directory = join(modules, runtimePackage, "bin");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "node"), `#!/bin/sh\nprintf '%s\\n' '${modules}' "$@"\nexit 7\n`);
    chmodSync(join(directory, "node"), 0o755);
  }

  function start(path: string, ...parameters: string[]) {
    const { status, stdout, stderr } = spawnSync(path, parameters, { cwd: tmpdir(), encoding: "utf8" });
    return { status, lines: stdout.split("\n").slice(0, -1), stderr };
  }

  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--disable-sigusr1",
    "--v8-pool-size=1",
    "--max-semi-space-size=1",
  ];
  const started = (modules: string, directory: string, ...parameters: string[]) => ({
    status: 7,
    lines: [modules, ...flags, `${directory}/src/app/main.ts`, ...parameters],
    stderr: "",
  });

  it("start with the runtime of the checkout, and hand on arguments and exit code", () => {
    const directory = checkout(join(place, "a checkout"));
    runtime(join(directory, "node_modules"));
    const expected = started(join(directory, "node_modules"), directory, "--filter", "port:443 or process:a*", "");
    assert.deepEqual(start(join(directory, "bin/socklens"), "--filter", "port:443 or process:a*", ""), expected);
    const plain = { status: 7, lines: [join(directory, "node_modules"), "--version"], stderr: "" };
    assert.deepEqual(start(join(directory, "tools/node"), "--version"), plain);
  });

  it("follow symbolic links, relative and absolute", () => {
    const directory = checkout(join(place, "lib"));
    runtime(join(directory, "node_modules"));
    mkdirSync(join(place, "links"));
    symlinkSync("../lib/bin/socklens", join(place, "links/first"));
    symlinkSync(join(place, "links/first"), join(place, "links/second"));
    const expected = started(join(directory, "node_modules"), directory, "doctor");
    assert.deepEqual(start(join(place, "links/first"), "doctor"), expected);
    assert.deepEqual(start(join(place, "links/second"), "doctor"), expected);
  });

  it("find a runtime that npm hoisted beside the package", () => {
    const modules = join(place, "project/node_modules");
    const directory = checkout(join(modules, "socklens"));
    runtime(modules);
    mkdirSync(join(modules, ".bin"));
    symlinkSync("../socklens/bin/socklens", join(modules, ".bin/socklens"));
    assert.deepEqual(start(join(modules, ".bin/socklens")), started(modules, directory));
  });

  it("find one further up only in a node_modules that they are in", () => {
    const directory = checkout(join(place, "shared/node_modules/wrapper/node_modules/socklens"));
    runtime(join(place, "shared/node_modules"));
    assert.deepEqual(start(join(directory, "bin/socklens")), started(join(place, "shared/node_modules"), directory));
    const bare = checkout(join(place, "shared/checkout"));
    const { status, stderr } = start(join(bare, "bin/socklens"));
    assert.deepEqual([status, stderr], [1, `socklens: no runtime for linux-${process.arch}: run npm ci in ${bare}\n`]);
  });

  it("take system programs from the system, and as root nothing from the environment that is executed", () => {
    const directory = checkout(join(place, "checkout"));
    const programs = join(place, "bin");
    mkdirSync(programs);
    for (const name of ["dirname", "readlink", "uname", "tr", "id"]) {
      writeFileSync(join(programs, name), "#!/bin/sh\necho taken from PATH >&2\nexit 1\n");
      chmodSync(join(programs, name), 0o755);
    }
    const modules = join(directory, "node_modules", runtimePackage, "bin");
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(modules, "node"), '#!/bin/sh\necho "${NODE_OPTIONS-none} $NODE_COMPILE_CACHE $(umask)"\n');
    chmodSync(join(modules, "node"), 0o755);
    const { stdout, stderr } = spawnSync("sh", ["-c", `umask 000; exec '${join(directory, "bin/socklens")}'`], {
      encoding: "utf8",
      env: { PATH: `${programs}:/usr/bin:/bin`, NODE_OPTIONS: "--inspect", NODE_COMPILE_CACHE: "/tmp/theirs" },
    });
    assert.equal(stderr, "");
    const isRoot = process.getuid?.() === 0;
    assert.equal(stdout, isRoot ? "none /var/cache/socklens 0022\n" : "--inspect /tmp/theirs 0000\n");
  });

  it("say in one line what to do where the runtime is missing", () => {
    const directory = checkout(join(place, "bare"));
    for (const script of ["bin/socklens", "tools/node"]) {
      const { status, lines, stderr } = start(join(directory, script), "--version");
      assert.equal(status, 1);
      assert.deepEqual(lines, []);
      assert.equal(stderr, `socklens: no runtime for linux-${process.arch}: run npm ci in ${directory}\n`);
    }
  });

  it("find the runtime that package.json pins", () => {
    const { status, lines } = start(join(root, "tools/node"), "-p", "process.execPath");
    assert.equal(status, 0);
    assert.match(lines[0] ?? "", new RegExp(`/node_modules/${runtimePackage}/bin/node$`));
  });
});
