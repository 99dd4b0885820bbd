import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { readPtcpdumpComment, readRustnetComment, readSidecarLine } from "../../src/export/index.ts";
import type { RecordedFlow } from "../../src/model/index.ts";

const flowOf = (line: object): RecordedFlow | undefined => {
  const entry = readSidecarLine(JSON.stringify(line));
  return entry?.kind === "flow" ? entry.flow : undefined;
};

/** As RustNet writes a line, with names and numbers of our own. */
const line = {
  timestamp: "2026-05-01T10:00:09.123456789+00:00",
  protocol: "TCP",
  local_addr: "192.0.2.10:50000",
  remote_addr: "[2001:db8::7%3]:443",
  pid: 4242,
  process_name: "curl",
  first_seen: { secs_since_epoch: 1_777_629_600, nanos_since_epoch: 250_000_000 },
  last_seen: { secs_since_epoch: 1_777_629_608, nanos_since_epoch: 0 },
  bytes_sent: 900,
  bytes_received: 12_000,
  state: "CLOSED",
  process_ppid: 77,
  process_executable: "/usr/bin/curl",
  process_uid: 1000,
  process_gid: 100,
  process_lineage: {
    ancestors: [
      { pid: 77, name: "bash" },
      { pid: 1, name: "init" },
    ],
    truncated: false,
  },
  geoip_country_code: "CH",
  geoip_asn: 64_500,
  geoip_as_org: "Example",
  kubernetes: { container_id: "0123456789ab", container_name: "web", pod_name: "front" },
};

test("RustNet's sidecar tells owner, parents and container of a flow", () => {
  assert.deepEqual(flowOf(line), {
    protocol: "TCP",
    source: { address: "192.0.2.10", port: 50_000 },
    destination: { address: "2001:db8::7", port: 443 },
    localIsSource: true,
    start: 1_777_629_600_250,
    end: 1_777_629_608_000,
    attribution: "procfs",
    geo: { country: "CH", asn: 64_500, organization: "Example" },
    process: {
      pid: 4242,
      start: 0,
      name: "curl",
      executable: "/usr/bin/curl",
      parent: { pid: 77, name: "bash" },
      ancestors: [
        { pid: 77, name: "bash" },
        { pid: 1, name: "init" },
      ],
      user: { id: 1000 },
      groupId: 100,
      container: { id: "0123456789ab", runtime: "kubernetes", name: "web" },
    },
  });
});

test("RustNet's lines of flows without owner, and of its older versions, are read too", () => {
  const bare = {
    protocol: "UDP",
    local_addr: "192.0.2.1:53",
    remote_addr: "192.0.2.2:9",
    pid: null,
    process_name: null,
  };
  const flow = flowOf(bare);
  assert.equal(flow?.attribution, "none");
  assert.equal(flow.process, undefined);
  assert.equal(flow.start, 0);
  const ping = flowOf({ ...bare, protocol: "ICMP", local_addr: "[2001:db8::1]:0", remote_addr: "[2001:db8::2]:0" });
  assert.equal(ping?.protocol, "IPv6-ICMP");
  for (const broken of ["192.0.2.1", "192.0.2.1:70000", "192.0.2.999:1", "[::1", "2001:db8::1:80", ":80", 7, null]) {
    assert.equal(flowOf({ ...bare, local_addr: broken }), undefined, String(broken));
  }
});

test("RustNet's comments name the owner of a frame", () => {
  const comment =
    "rustnet process=curl pid=7 ppid=6 uid=1000 attr=exact container=web container_id=ab12 app=HTTPS pid=9";
  assert.deepEqual(readRustnetComment(comment), {
    pid: 7,
    start: 0,
    name: "curl",
    parent: { pid: 6, name: "" },
    user: { id: 1000 },
    container: { id: "ab12", runtime: "kubernetes", name: "web" },
  });
  for (const other of [
    "",
    "rustnet",
    "rustnet app=DNS",
    "rustnet process=a pid=-1",
    "rustnetto process=a pid=1",
    "PID: 7",
  ]) {
    assert.equal(readRustnetComment(other), undefined, other);
  }
});

test("ptcpdump's comments name process, user, parent and container", () => {
  const comments = [
    "PID: 7\nCmd: /usr/local/bin/a-very-long-program\nArgs: a-very-long-program -v http://example",
    "ThreadId: 8\nThreadName: worker",
    "UserId: 1000\nGroupId: 100",
    "ParentPID: 6\nParentCmd: /bin/bash\nParentArgs: bash -l",
    "ContainerName: web\nContainerId: ab12\nContainerImage: nginx:1\nContainerLabels: {}",
  ];
  assert.deepEqual(readPtcpdumpComment(comments.join("\n")), {
    pid: 7,
    start: 0,
    name: "a-very-long-pro",
    executable: "/usr/local/bin/a-very-long-program",
    commandLine: ["a-very-long-program", "-v", "http://example"],
    parent: { pid: 6, name: "bash" },
    user: { id: 1000 },
    groupId: 100,
    container: { id: "ab12", runtime: "container", name: "web" },
  });
  const old = readPtcpdumpComment("PID: 7\nCommand: /bin/cat...\nArgs: cat\nPID: 9");
  assert.deepEqual([old?.pid, old?.name, old?.executable], [7, "cat", "/bin/cat"]);
  for (const other of ["", "PID: 0\nCmd: /bin/cat", "PID: 7", "Cmd: /bin/cat", "rustnet process=a pid=1"]) {
    assert.equal(readPtcpdumpComment(other), undefined, other);
  }
});

test("no text makes the readers throw, and what they tell is bounded", () => {
  const words = fc.constantFrom(
    "PID: 7",
    "PID:",
    "Cmd: /bin/x",
    "Args:",
    "rustnet",
    "process=x",
    "pid=7",
    "=",
    " ",
    "\n",
  );
  const text = fc.array(fc.oneof(words, fc.string({ maxLength: 10 })), { maxLength: 20 });
  fc.assert(
    fc.property(text, fc.constantFrom("\n", " "), (parts, joint) => {
      const comment = parts.join(joint);
      for (const owner of [readPtcpdumpComment(comment), readRustnetComment(comment)]) {
        if (owner === undefined) continue;
        assert.ok(Number.isInteger(owner.pid) && owner.pid <= 0x40_0000);
      }
    }),
  );
  const names = fc.constantFrom(...Object.keys(line));
  fc.assert(
    fc.property(fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(line)))), (any) => {
      flowOf({ ...line, ...any });
    }),
  );
  const long = "x".repeat(10_000);
  assert.equal(flowOf({ ...line, process_name: long })?.process, undefined);
  const many = Array.from({ length: 1000 }, (_, number) => ({ pid: number, name: "p" }));
  assert.equal(flowOf({ ...line, process_lineage: { ancestors: many } })?.process?.ancestors?.length, 16);
});
