/** The levels below full mode, each as the user that has it: DESIGN section 1, "Degradation is visible". */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { copyInstall, threadsOf, childOf } from "../broker/install.ts";
import type { Install } from "../broker/install.ts";
import { missing, Task } from "./harness/index.ts";

const skip = missing() ?? false;
const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
const withRawSockets = [...nobody, "--inh-caps", "+net_raw", "--ambient-caps", "+net_raw"];

/** A program of the same user that holds a connection to itself and sends 200,000 bytes when told to. */
const talker = `
const net = require("node:net");
const server = net.createServer((peer) => peer.resume()).listen(0, "127.0.0.1", () => {
  const client = net.connect(server.address().port, "127.0.0.1", () => console.log("port " + client.localPort));
  process.stdin.once("data", () => client.write(Buffer.alloc(200000), () => console.log("sent")));
});
`;

interface Seen {
  readonly process?: { readonly pid: number; readonly executable?: string };
  readonly attribution?: string;
  readonly flow: { readonly bytes_toserver: number };
}

/** The newest record of the flow from this port. */
function flowFrom(task: Task, port: number): Seen | undefined {
  const lines = task.stdout.split("\n").filter((line) => line.includes(`"src_port":${port},`));
  const last = lines.at(-1);
  return last === undefined ? undefined : (JSON.parse(last) as Seen);
}

describe("without full rights", { skip }, () => {
  let install: Install;
  before(() => (install = copyInstall(0o755)));
  after(() => install.remove());

  for (const [level, user] of [
    ["unprivileged", nobody],
    ["capture", withRawSockets],
  ] as const) {
    it(`the level ${level} runs, says so and why, and names the owner and bytes of its user's processes`, async () => {
      const other = new Task([...nobody, install.runtime, "-e", talker]);
      const port = Number((await other.line(/port (\d+)/))[1]);
      const task = new Task([...user, install.executable, "--json", "--interval", "0.2"]);
      await task.line(new RegExp(`"src_port":${port},`));
      const engine = childOf(task.pid);
      for (const thread of threadsOf(engine)) {
        assert.equal(thread.effective | thread.permitted | thread.ambient, 0n);
        assert.equal(thread.noNewPrivileges, true);
      }
      other.go();
      await other.line(/sent/);
      const deadline = performance.now() + 20_000;
      while ((flowFrom(task, port)?.flow.bytes_toserver ?? 0) < 200_000 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const flow = flowFrom(task, port);
      assert.equal(await task.stop("SIGINT"), 0, task.describe());
      await other.stop();
      const bytes = flow?.flow.bytes_toserver ?? 0;
      assert.ok(bytes >= 200_000 && bytes < 220_000, `${bytes} bytes of 200000 sent; ${JSON.stringify(flow)}`);
      assert.equal(flow?.process?.pid, other.pid);
      assert.equal(flow?.process?.executable, install.runtime);
      assert.equal(flow?.attribution, "procfs");
      assert.match(task.stdout, new RegExp(`"level":"${level}"`));
    });
  }

  it("frames are refused in one line", async () => {
    const task = new Task([...nobody, install.executable, "--json", "-i", "lo"]);
    assert.equal(await task.ended, 1);
    assert.match(task.stderr, /^socklens: [^\n]*CAP_NET_RAW[^\n]*\n$/);
    assert.equal(task.stdout, "");
  });

  it("the header of the table says which level it is and why", async () => {
    const task = new Task([...nobody, install.executable, "--plain", "--interval", "0.2", "--count", "2"]);
    await task.finished();
    assert.match(task.stdout, /unprivileged/);
    assert.match(task.stdout, /without CAP_BPF/);
  });
});
