/** `socklens doctor` on a machine from which something was taken away. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { copyInstall } from "../broker/install.ts";
import type { Install } from "../broker/install.ts";
import { missing, Task } from "./harness/index.ts";

const skip = missing() ?? false;

interface Check {
  readonly name: string;
  readonly need: string;
  readonly ok: boolean | null;
  readonly detail: string;
  readonly fix?: string;
}

interface Report {
  readonly full: boolean;
  readonly checks: readonly Check[];
}

async function ask(command: readonly string[]): Promise<{ report: Report; status: number | string }> {
  const task = new Task([...command, "doctor", "--json"]);
  const status = await task.ended;
  return { report: JSON.parse(task.stdout) as Report, status };
}

const check = (report: Report, name: string): Check | undefined => report.checks.find((each) => each.name === name);

describe("doctor", { skip }, () => {
  let install: Install;
  before(() => (install = copyInstall(0o755)));
  after(() => install.remove());

  /** Runs in a mount namespace of its own, after changing what is mounted. */
  const without = (change: string): string[] => [
    "unshare",
    "--mount",
    "sh",
    "-ec",
    `${change}\nexec "$0" "$@"`,
    install.executable,
  ];

  it("agrees with the level that the program reaches", async () => {
    const { report, status } = await ask([install.executable]);
    const task = new Task([install.executable, "--json", "--count", "1", "--interval", "0.2"]);
    await task.finished();
    assert.equal(report.full, /"level":"full"/.test(task.stdout), task.stdout.slice(-300));
    assert.equal(status, report.full ? 0 : 1);
  });

  it("names the capabilities that a user lacks, and how to get them", async () => {
    const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const { report, status } = await ask([...user, install.executable]);
    assert.equal(status, 1);
    assert.equal(report.full, false);
    const found = check(report, "capabilities");
    assert.equal(found?.ok, false);
    assert.match(found?.detail ?? "", /CAP_BPF.*CAP_PERFMON.*CAP_NET_ADMIN.*CAP_NET_RAW/);
    assert.match(found?.fix ?? "", new RegExp(`setcap .*${install.runtime}`));
    assert.equal(check(report, "bpf")?.ok, null, "tried without the right");
  });

  it("names only the capability that is missing", async () => {
    const { report, status } = await ask(["setpriv", "--bounding-set", "-net_admin", install.executable]);
    assert.equal(status, 1);
    assert.equal(check(report, "capabilities")?.detail, "without CAP_NET_ADMIN");
  });

  it("names the cgroup v2 mount that is missing, with the command that mounts it", async () => {
    const { report, status } = await ask(without("umount -l $(grep ' cgroup2 ' /proc/mounts | cut -d' ' -f2)"));
    assert.equal(status, 1);
    const found = check(report, "cgroup2");
    assert.equal(found?.ok, false);
    assert.match(found?.fix ?? "", /mount -t cgroup2/);
  });

  it("stays content without libpcap, and says what that costs", async () => {
    const hide = "for file in $(find /usr/lib /lib -name 'libpcap.so*' -type f); do mount --bind /dev/null $file; done";
    const { report, status } = await ask(without(hide));
    const found = check(report, "libpcap");
    assert.equal(found?.ok, false);
    assert.match(found?.detail ?? "", /-f/);
    assert.match(found?.fix ?? "", /install/);
    assert.equal(status, report.full ? 0 : 1);
    const task = new Task([...without(hide), "--json", "-f", "tcp"]);
    assert.equal(await task.ended, 1);
    assert.match(task.stderr, /^socklens: [^\n]*libpcap[^\n]*\n$/);
  });

  it("misses the kernel's types where they are hidden", async () => {
    const { report } = await ask(without("mount -t tmpfs none /sys/kernel/btf"));
    assert.equal(check(report, "btf")?.ok, false);
    assert.equal(check(report, "btf")?.need, "optional");
  });
});
