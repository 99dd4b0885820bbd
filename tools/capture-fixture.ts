/**
 * Captures the fixtures of test/dissect from real programs, in two network namespaces of its own joined by a veth pair.
 *
 *   tools/capture-fixture.ts [--output DIRECTORY] NAME...    capture these (needs root), then write their golden files
 *   tools/capture-fixture.ts --golden [NAME...]              write golden files anew from the captures that are there
 *   tools/capture-fixture.ts --readme                        write the fixtures' README.md from the golden files
 *   tools/capture-fixture.ts --list
 *
 * The golden file says which commands made its capture. QUIC needs a Python with aioquic: PYTHON_WITH_AIOQUIC=path.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { goldenOf } from "../test/dissect/replay.ts";
import { readmeOf } from "./capture-fixture/readme.ts";
import { clientAddress, serverAddress } from "./capture-fixture/scenario.ts";
import { scenarios } from "./capture-fixture/scenarios.ts";
import type { ChildProcess } from "node:child_process";
import type { Scenario } from "./capture-fixture/scenario.ts";

const fixtures = join(import.meta.dirname, "../test/dissect/fixtures");
const deadlineMillis = 30_000;

function ip(...parameters: readonly string[]): void {
  execFileSync("ip", parameters, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Two namespaces and the link between them; gone when disposed of. */
class Link {
  readonly client = `slfix-c-${process.pid}`;
  readonly server = `slfix-s-${process.pid}`;
  private readonly children: ChildProcess[] = [];

  constructor() {
    ip("netns", "add", this.client);
    ip("netns", "add", this.server);
    ip("-n", this.client, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", this.server);
    for (const [name, address] of [
      [this.client, clientAddress],
      [this.server, serverAddress],
    ] as const) {
      ip("-n", name, "address", "add", `${address}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
      ip("-n", name, "link", "set", "lo", "up");
    }
  }

  start(namespace: string, command: readonly string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", namespace, ...command], { stdio: ["ignore", "ignore", "pipe"] });
    this.children.push(child);
    return child;
  }

  run(namespace: string, command: readonly string[]): void {
    const result = spawnSync("ip", ["netns", "exec", namespace, ...command], { timeout: deadlineMillis, input: "" });
    if (result.status !== 0) {
      throw new Error(
        `${command.join(" ")}: ${result.status ?? result.signal}\n${result.stderr.toString()}${result.stdout.toString()}`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(3000)]);
    }
    // Daemons that forked, or that wait for their own clients: whatever still runs in namespaces that are ours alone.
    for (const name of [this.client, this.server]) {
      for (const pid of execFileSync("ip", ["netns", "pids", name]).toString().split("\n")) {
        if (pid !== "") spawnSync("kill", ["-KILL", pid]);
      }
    }
    ip("netns", "delete", this.client);
    ip("netns", "delete", this.server);
  }
}

/** Waits until the server's port is bound. */
async function waitUntilReady(link: Link, ready: NonNullable<Scenario["ready"]>): Promise<void> {
  const end = Date.now() + deadlineMillis;
  const flag = ready.transport === "tcp" ? "-ltn" : "-lun";
  while (Date.now() < end) {
    const sockets = execFileSync("ip", ["netns", "exec", link.server, "ss", "-H", flag]).toString();
    if (sockets.includes(`:${ready.port} `)) return;
    await sleep(50);
  }
  throw new Error(`no ${ready.transport} port ${ready.port} after ${deadlineMillis} ms`);
}

/** Resolves when tcpdump says that it captures; what it says goes on being read. */
async function waitUntilListening(child: ChildProcess): Promise<void> {
  let said = "";
  const stderr = child.stderr!.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    stderr.on("data", (text: string) => {
      said += text;
      if (said.includes("listening on")) resolve();
    });
    child.once("exit", () => reject(new Error(`tcpdump ended: ${said}`)));
  });
}

function makeKeys(directory: string): void {
  const subject = "/C=XX/O=Socklens Test/CN=www.example.test";
  const options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", subject];
  execFileSync("openssl", [...options, "-keyout", `${directory}/key.pem`, "-out", `${directory}/certificate.pem`], {
    stdio: "ignore",
  });
  for (const name of ["host_key", "user_key"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "fixture", "-f", `${directory}/${name}`]);
  }
}

async function capture(name: string, output: string): Promise<void> {
  const make = scenarios[name];
  if (make === undefined) throw new Error(`no scenario "${name}"; --list shows them`);
  const directory = mkdtempSync(join(tmpdir(), "socklens-fixture-"));
  try {
    makeKeys(directory);
    // Servers that give up their rights still read their configuration here.
    chmodSync(directory, 0o777);
    const scenario = make(directory);
    for (const [file, text] of Object.entries(scenario.files)) writeFileSync(join(directory, file), text);
    {
      await using link = new Link();
      const file = join(output, `${name}.pcap`);
      const options = ["-i", "eth0", "-U", "--immediate-mode", "-Z", "root", "-w", file, scenario.filter];
      for (const command of scenario.prepare ?? []) link.run(link.server, command);
      await waitUntilListening(link.start(link.client, ["tcpdump", ...options]));
      for (const command of scenario.servers) link.start(link.server, command).stderr!.resume();
      if (scenario.ready !== undefined) await waitUntilReady(link, scenario.ready);
      for (const command of scenario.clients) link.run(link.client, command);
      // The last segments of a closing connection come after the client has ended.
      await sleep(500);
    }
    // Golden files name no path of the machine that made them.
    const python = process.env["PYTHON_WITH_AIOQUIC"] ?? "python3";
    const shown = (command: readonly string[]): string =>
      command
        .map((word) => (word === python ? "python3" : word.replaceAll(directory, "DIRECTORY")))
        .join(" ")
        .replaceAll(import.meta.dirname, "tools");
    const made = {
      versions: versionsOf(scenario.packages ?? []),
      prepare: (scenario.prepare ?? []).map(shown),
      servers: scenario.servers.map(shown),
      clients: scenario.clients.map(shown),
      files: {},
    };
    for (const [path, text] of Object.entries(scenario.files)) {
      Object.assign(made.files, { [path]: text.replaceAll(directory, "DIRECTORY") });
    }
    writeGolden(name, output, made);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** "postfix 3.7.11-0+deb12u1" of every package. */
function versionsOf(packages: readonly string[]): string[] {
  if (packages.length === 0) return [];
  return execFileSync("dpkg-query", ["-W", "-f", "${Package} ${Version}\\n", ...packages])
    .toString()
    .trim()
    .split("\n");
}

/** Writes what is found in a capture now; a person looks at it before it is committed. */
function writeGolden(name: string, output: string, made?: unknown): void {
  const file = join(output, `${name}.json`);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { made?: unknown }) : {};
  const golden = { made: made ?? before.made, found: goldenOf(join(output, `${name}.pcap`)) };
  writeFileSync(file, `${JSON.stringify(golden, undefined, 2)}\n`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    golden: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    readme: { type: "boolean", default: false },
    output: { type: "string", default: fixtures },
  },
});

if (values.list) console.log(Object.keys(scenarios).join("\n"));
else if (values.readme) {
  const goldenFiles = readdirSync(values.output)
    .filter((file) => file.endsWith(".json"))
    .sort();
  writeFileSync(join(values.output, "README.md"), readmeOf(goldenFiles.map((file) => join(values.output, file))));
} else if (values.golden) {
  const all = readdirSync(values.output)
    .filter((file) => file.endsWith(".pcap"))
    .map((file) => file.slice(0, -".pcap".length));
  for (const name of positionals.length > 0 ? positionals : all) writeGolden(name, values.output);
} else {
  for (const name of positionals) {
    await capture(name, values.output);
    console.log(`${name}: captured`);
  }
}
