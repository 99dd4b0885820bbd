import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { containerOf, parseCgroupFile, unitOf } from "../../src/host/linux/cgroup-path.ts";
import { parseCommandLine, readProcessAccess } from "../../src/host/linux/process-access.ts";
import { LinuxProcesses, parsePasswd, parseStat, parseStatusIds, UserNames } from "../../src/host/linux/processes.ts";
import { pid } from "../../src/model/index.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const statTail = "S 41 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 100";

describe("parseStat", () => {
  it("reads a name that holds parentheses, spaces and line ends", () => {
    const record = parseStat(encode(`17 (a) (b\n) ${statTail}\n`));
    assert.deepEqual(record, { name: "a) (b\n", parent: 41, start: 12_345 });
  });

  it("refuses a line without enough fields", () => {
    assert.equal(parseStat(encode("17 (sh) S 41 1 1")), undefined);
    assert.equal(parseStat(encode("17 sh")), undefined);
    assert.equal(parseStat(encode(`17 )sh( ${statTail}`)), undefined);
  });

  it("gives back any name it was given", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        assert.equal(parseStat(encode(`1 (${name}) ${statTail}`))?.start, 12_345);
      }),
    );
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseStat(bytes)));
  });
});

describe("parsers of /proc text", () => {
  it("reads the real ids", () => {
    assert.deepEqual(parseStatusIds("Name:\tx\nUid:\t5\t6\t7\t8\nGid:\t9\t1\t1\t1\n"), { uid: 5, gid: 9 });
    assert.deepEqual(parseStatusIds("Uid:\tx"), { uid: undefined, gid: undefined });
  });

  it("splits a command line at its zero bytes and bounds it", () => {
    assert.deepEqual(parseCommandLine(encode("a\0\0b c\0")), ["a", "", "b c"]);
    assert.deepEqual(parseCommandLine(encode("cut off")), ["cut off"]);
    assert.deepEqual(parseCommandLine(encode("ends with an empty one\0\0")), ["ends with an empty one", ""]);
    assert.deepEqual(parseCommandLine(encode("title over arguments\0\0\0\0")), ["title over arguments"]);
    assert.equal(parseCommandLine(encode("x\0".repeat(500))).length, 64);
  });

  it("keeps the first name of a user id", () => {
    const names = parsePasswd("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\nbad\n:x:7:\nann:x:1000:1000:Ann:/home/ann:\n");
    assert.deepEqual(
      [...names],
      [
        [0, "root"],
        [1000, "ann"],
      ],
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (text, bytes) => {
        parseStatusIds(text);
        parsePasswd(text);
        parseCgroupFile(text);
        containerOf(text);
        unitOf(text);
        parseCommandLine(bytes);
      }),
    );
  });
});

const id = "0123456789abcdef".repeat(4);

describe("cgroup paths", () => {
  const cases: readonly (readonly [path: string, runtime: string | undefined, id: string | undefined])[] = [
    [`/docker/${id}`, "docker", id],
    [`/system.slice/docker-${id}.scope`, "docker", id],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`, "podman", id],
    [`/machine.slice/libpod-payload-${id}`, "podman", id],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-${id}.scope`,
      "containerd",
      id,
    ],
    [`/kubepods.slice/kubepods-besteffort.slice/crio-${id}.scope`, "cri-o", id],
    [`/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:${id}`, "containerd", id],
    [`/kubepods/burstable/pod1234/${id}`, "kubernetes", id],
    ["/lxc/web", "lxc", "web"],
    ["/lxc.payload.web/system.slice/nginx.service", "lxc", "web"],
    ["/machine.slice/machine-debian.scope/payload", "systemd-nspawn", "debian"],
    ["/machine.slice/systemd-nspawn@debian.service", "systemd-nspawn", "debian"],
    [`/default/${id}`, "containerd", id],
    ["/system.slice/nginx.service", undefined, undefined],
    ["/user.slice/user-1000.slice/session-2.scope", undefined, undefined],
    ["/docker/short", undefined, undefined],
  ];
  for (const [path, runtime, expected] of cases) {
    it(`finds ${runtime ?? "no container"} in ${path.replace(id, "ID")}`, () => {
      assert.deepEqual(containerOf(path), runtime === undefined ? undefined : { id: expected, runtime });
    });
  }

  it("names the innermost unit", () => {
    assert.equal(unitOf("/system.slice/nginx.service"), "nginx.service");
    assert.equal(unitOf("/user.slice/user@1000.service/app.slice/app-firefox.scope"), "app-firefox.scope");
    assert.equal(unitOf("/user.slice/user@1000.service/app.slice/inner"), "user@1000.service");
    assert.equal(unitOf("/docker/x"), undefined);
  });

  it("prefers cgroup v2, unless only a v1 hierarchy tells", () => {
    assert.equal(parseCgroupFile("4:memory:/m\n1:name=systemd:/s\n0::/u\n"), "/u");
    assert.equal(parseCgroupFile("4:memory:/m\n1:name=systemd:/s\n0::/\n"), "/s");
    assert.equal(parseCgroupFile(`4:memory:/docker/${id}\n0::/u\n`), `/docker/${id}`);
    assert.equal(parseCgroupFile("0::/\n"), undefined);
  });
});

describe("LinuxProcesses", () => {
  it("tells a live process apart from one that is gone", async () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-processes-"));
    try {
      const link = join(directory, ") odd (");
      symlinkSync("/bin/sleep", link);
      const child = spawn(link, ["30"], { argv0: "se cret" });
      const before = Date.now();
      await new Promise((resolve) => child.once("spawn", resolve));
      const processes = new LinuxProcesses({ restricted: readProcessAccess });
      const found = processes.lookup(pid(child.pid ?? 0));
      assert.equal(found?.pid, child.pid);
      assert.equal(found?.name, ") odd (");
      assert.deepEqual(found?.commandLine, ["se cret", "30"]);
      assert.match(found?.executable ?? "", /\/(sleep|coreutils)$/);
      assert.equal(found?.parent?.pid, process.pid);
      assert.equal(found?.user?.id, process.getuid?.());
      assert.equal(found?.groupId, process.getgid?.());
      assert.ok(Math.abs((found?.start ?? 0) - before) < 60_000, `started ${found?.start}, now ${before}`);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      assert.equal(processes.lookup(pid(child.pid ?? 0)), undefined);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("reads the user names of its own passwd file", () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-users-"));
    try {
      const path = join(directory, "passwd");
      writeFileSync(path, "ann:x:1000:1000::/:\n");
      utimesSync(path, 1, 1);
      assert.equal(new UserNames(path).nameOf(1000), "ann");
      assert.equal(new UserNames(join(directory, "absent")).nameOf(1000), undefined);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
