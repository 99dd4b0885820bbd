/** The split of DESIGN section 3, on the real program: what the process that parses may still do. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { landlockVersion } from "../../src/host/linux/sandbox.ts";
import { childOf, commandLine, copyInstall, threadsOf } from "../broker/install.ts";
import type { Install } from "../broker/install.ts";
import { executable, missing, run, Task, until } from "./harness/index.ts";

const skip = missing() ?? false;
const arguments_ = ["--json", "--interval", "0.2"];

interface Running {
  readonly task: Task;
  readonly engine: number;
}

/** Starts it and waits until the engine writes: from then on it has dropped everything. */
async function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const task = new Task(command, { env });
  await task.line(/\n/);
  const engine = childOf(task.pid);
  assert.match(commandLine(engine), /engine\/main\.ts/, task.describe());
  return { task, engine };
}

function assertUnprivileged(engine: number, uid: number, gid: number): void {
  const threads = threadsOf(engine);
  assert.ok(threads.length >= 2, `${threads.length} thread: nothing is shown about all threads`);
  for (const thread of threads) {
    assert.deepEqual(thread.uids, [uid, uid, uid, uid]);
    assert.deepEqual(thread.gids, [gid, gid, gid, gid]);
    assert.equal(thread.effective | thread.permitted | thread.inheritable | thread.ambient, 0n);
    assert.equal(thread.noNewPrivileges, true);
  }
}

const levelOf = (task: Task): string | undefined => /"level":"([a-z]+)"/.exec(task.stdout)?.[1];

describe("the engine", { skip }, () => {
  it("is nobody, without groups and capabilities, when root starts it", async () => {
    const { task, engine } = await start([executable, ...arguments_], { SUDO_UID: "", SUDO_GID: "" });
    assertUnprivileged(engine, 65_534, 65_534);
    for (const thread of threadsOf(engine)) assert.deepEqual(thread.groups, []);
    assert.equal(threadsOf(task.pid)[0]?.uids[0], 0, "the broker keeps what it needs");
    assert.equal(await task.stop("SIGINT"), 0, task.describe());
    assert.equal(levelOf(task), "full");
  });

  it("is sudo's caller under sudo", async () => {
    const { task, engine } = await start([executable, ...arguments_], { SUDO_UID: "4321", SUDO_GID: "4322" });
    assertUnprivileged(engine, 4321, 4322);
    for (const thread of threadsOf(engine)) assert.deepEqual(thread.groups, []);
    assert.equal(await task.stop("SIGINT"), 0, task.describe());
    assert.equal(levelOf(task), "full");
  });
});

describe("an installation that only root can read", { skip }, () => {
  let install: Install;
  before(() => (install = copyInstall(0o700)));
  after(() => install.remove());

  it("runs in full mode with an engine that cannot read it", async () => {
    const { task, engine } = await start([install.executable, ...arguments_], { SUDO_UID: "4321", SUDO_GID: "4321" });
    assertUnprivileged(engine, 4321, 4321);
    const cat = ["setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups", "cat", install.executable];
    assert.throws(() => run(cat), /Permission denied/);
    assert.equal(await task.stop("SIGINT"), 0, task.describe());
    assert.equal(levelOf(task), "full");
  });
});

const noSetcap = skip !== false ? skip : hasSetcap() ? false : "program missing: setcap (package libcap2-bin)";

function hasSetcap(): boolean {
  return ["/usr/sbin/setcap", "/sbin/setcap"].some((path) => {
    try {
      return readFileSync(path).length > 0;
    } catch {
      return false;
    }
  });
}

describe("a runtime with file capabilities", { skip: noSetcap }, () => {
  let install: Install;
  before(() => {
    install = copyInstall(0o755);
    run(["setcap", "cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw,cap_sys_ptrace+ep", install.runtime]);
  });
  after(() => install.remove());

  it("reaches full mode for a user, and leaves the engine nothing", async () => {
    const user = ["setpriv", "--reuid", "4321", "--regid", "4321", "--clear-groups"];
    const { task, engine } = await start([...user, install.executable, ...arguments_]);
    assertUnprivileged(engine, 4321, 4321);
    assert.notEqual(threadsOf(task.pid)[0]?.effective, 0n, "the broker has the file's capabilities");
    assert.equal(await task.stop("SIGINT"), 0, task.describe());
    assert.equal(levelOf(task), "full");
  });
});

/** Stands in for the second stage: still root, in the sandbox that the real first stage made. */
const probe = `
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import koffi from "koffi";
const libc = koffi.load("libc.so.6");
const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *argument)");
const TIOCSTI = 0x5412;
const [outside, port] = (process.env.SOCKLENS_PROBE ?? "").split(" ");
const attempt = (act: () => unknown): string => {
  try { act(); return "allowed"; } catch (error) { return (error as NodeJS.ErrnoException).code ?? "error"; }
};
if (import.meta.main) {
  const reach = (...to: [number, string] | [string]) => new Promise((resolve) => {
    const socket = connect(...(to as [number, string]));
    socket.on("connect", () => resolve("allowed"));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  process.stdout.write(JSON.stringify({
    uid: process.getuid?.(),
    readSystem: attempt(() => readFileSync("/etc/passwd")),
    readInstall: attempt(() => readFileSync(import.meta.filename)),
    readOutside: attempt(() => readFileSync(outside)),
    writeOutside: attempt(() => writeFileSync(outside, "x")),
    writeInstall: attempt(() => openSync(import.meta.filename, "r+")),
    writeSystem: attempt(() => openSync("/proc/self/oom_score_adj", "r+")),
    create: attempt(() => openSync(outside + ".new", "w")),
    writeNull: attempt(() => writeFileSync("/dev/null", "x")),
    connected: await reach(Number(port), "127.0.0.1"),
    connectedLocally: await reach(outside + ".socket"),
    typed: ioctl(0, TIOCSTI, Buffer.from("x")) === 0 ? "allowed" : koffi.errno(),
    filter: /^Seccomp:\\t(\\d)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1],
    signalBroker: attempt(() => process.kill(process.ppid, 0)),
    signalSelf: attempt(() => process.kill(process.pid, 0)),
  }) + "\\n");
  process.exit(0);
}
`;

const noLandlock = landlockVersion() > 0 ? skip : "kernel feature missing: Landlock";

describe("the sandbox", { skip: noLandlock }, () => {
  let install: Install;
  let directory = "";
  before(() => {
    install = copyInstall(0o755);
    writeFileSync(join(install.directory, "src/app/engine/main.ts"), probe);
    directory = mkdtempSync(join(tmpdir(), "socklens-outside-"));
    chmodSync(directory, 0o777);
  });
  after(() => {
    install.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  it("denies even root what the engine has no use for", async () => {
    const outside = join(directory, "file");
    writeFileSync(outside, "readable by all");
    chmodSync(outside, 0o666);
    const server = createServer((peer) => peer.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const local = createServer((peer) => peer.destroy());
    await new Promise<void>((resolve) => local.listen(`${outside}.socket`, resolve));
    const { port } = server.address() as AddressInfo;
    const task = new Task([install.executable, "--json"], { env: { SOCKLENS_PROBE: `${outside} ${port}` } });
    const [line] = await task.line(/\{.*\}\n/);
    server.close();
    local.close();
    await until(() => task.status !== undefined);
    const result = JSON.parse(line) as Record<string, unknown>;
    const abi = landlockVersion();
    assert.deepEqual(result, {
      uid: 0,
      readSystem: "allowed",
      readInstall: "allowed",
      readOutside: "EACCES",
      writeOutside: "EACCES",
      writeInstall: "EACCES",
      writeSystem: "EACCES",
      create: "EACCES",
      writeNull: "allowed",
      connected: "EPERM",
      connectedLocally: "EPERM",
      typed: constants.errno.EPERM,
      filter: "2",
      signalBroker: abi >= 6 ? "EPERM" : "allowed",
      signalSelf: "allowed",
    });
    assert.equal(readFileSync(outside, "utf8"), "readable by all");
  });
});
