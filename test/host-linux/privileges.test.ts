import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { decideLevel, missingForFull } from "../../src/host/linux/level.ts";
import { capabilityNumbers, dropTarget, parseSecurityStatus } from "../../src/host/linux/privileges.ts";
import type { CapabilityName } from "../../src/host/linux/privileges.ts";
import { doctorJson, doctorText, geoipProbe, isHealthy } from "../../src/app/doctor.ts";
import type { Probe } from "../../src/host/linux/probes.ts";

describe("dropTarget", () => {
  const cases = [
    ["root becomes nobody", 0, 0, {}, { uid: 65_534, gid: 65_534, fromRoot: true }],
    ["sudo's caller", 0, 0, { SUDO_UID: "1000", SUDO_GID: "100" }, { uid: 1000, gid: 100, fromRoot: true }],
    [
      "root through sudo is nobody",
      0,
      0,
      { SUDO_UID: "0", SUDO_GID: "0" },
      { uid: 65_534, gid: 65_534, fromRoot: true },
    ],
    [
      "a group of root is nobody's",
      0,
      0,
      { SUDO_UID: "1000", SUDO_GID: "0" },
      { uid: 1000, gid: 65_534, fromRoot: true },
    ],
    ["text is no user", 0, 0, { SUDO_UID: "1000x" }, { uid: 65_534, gid: 65_534, fromRoot: true }],
    ["-1 is no user", 0, 0, { SUDO_UID: "4294967295" }, { uid: 65_534, gid: 65_534, fromRoot: true }],
    ["others stay themselves", 1000, 100, { SUDO_UID: "7" }, { uid: 1000, gid: 100, fromRoot: false }],
  ] as const;
  for (const [what, uid, gid, environment, expected] of cases) {
    it(what, () => assert.deepEqual(dropTarget(uid, gid, environment), expected));
  }

  it("never makes root anything that is root", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (SUDO_UID, SUDO_GID) => {
        const target = dropTarget(0, 0, { SUDO_UID, SUDO_GID });
        assert.ok(target.uid > 0 && target.gid > 0 && target.fromRoot);
      }),
    );
  });
});

describe("parseSecurityStatus", () => {
  it("reads this process as the kernel describes it", () => {
    const status = parseSecurityStatus(readFileSync("/proc/self/status", "latin1"));
    const uid = process.getuid?.() ?? -1;
    assert.deepEqual(status.uids, [uid, uid, uid, uid]);
    assert.equal(status.gids.length, 4);
  });

  it("takes an absent line for the worst", () => {
    const status = parseSecurityStatus("");
    assert.equal(status.effective, 0xffff_ffff_ffff_ffffn);
    assert.equal(status.ambient, 0xffff_ffff_ffff_ffffn);
    assert.equal(status.noNewPrivileges, false);
    assert.deepEqual(status.uids, []);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseSecurityStatus(`CapEff:\t${text}\nUid:\t${text}`)));
  });
});

const mask = (...names: CapabilityName[]): bigint =>
  names.reduce((sum, name) => sum | (1n << BigInt(capabilityNumbers[name])), 0n);

describe("levels", () => {
  it("need what they name", () => {
    assert.deepEqual(missingForFull(mask("bpf", "perfmon", "net_admin", "net_raw")), []);
    assert.deepEqual(missingForFull(mask("sys_admin", "net_admin", "net_raw")), []);
    assert.deepEqual(missingForFull(mask("net_raw")), ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"]);
  });

  it("follow from what could be opened, and say why", () => {
    const all = mask("bpf", "perfmon", "net_admin", "net_raw");
    const full = decideLevel(all, { socketPlane: undefined, wirePlane: undefined, missing: [] });
    assert.deepEqual(full, { level: "full", missing: [] });
    const capture = decideLevel(mask("net_raw"), { socketPlane: "x", wirePlane: undefined, missing: [] });
    assert.equal(capture.level, "capture");
    assert.match(capture.reason ?? "", /CAP_BPF/);
    const refused = decideLevel(all, { socketPlane: "no cgroup v2 is mounted", wirePlane: undefined, missing: [] });
    assert.match(refused.reason ?? "", /no cgroup v2 is mounted/);
    const least = decideLevel(0n, { socketPlane: "x", wirePlane: "y", missing: ["z"] });
    assert.equal(least.level, "unprivileged");
    assert.deepEqual(least.missing, ["z"]);
  });
});

describe("doctor", () => {
  const fine: Probe = { name: "bpf", need: "required", ok: true, detail: "programs load" };
  const absent: Probe = { name: "libpcap", need: "optional", ok: false, detail: "no filters", fix: "apt install it" };
  const bad: Probe = { name: "cgroup2", need: "required", ok: false, detail: "not mounted", fix: "mount it" };
  const untried: Probe = { name: "packet-socket", need: "required", ok: undefined, detail: "not tried" };

  it("is content without what is optional, not without what is required", () => {
    assert.equal(isHealthy([fine, absent]), true);
    assert.equal(isHealthy([fine, bad]), false);
    assert.equal(isHealthy([fine, untried]), false);
  });

  it("writes a line, a remedy and a verdict", () => {
    const none = geoipProbe({ lookup: () => undefined, types: [] });
    assert.ok(none.ok === false && none.need === "optional" && none.fix?.includes("/usr/share/GeoIP"));
    assert.ok(isHealthy([fine, none]), "nothing depends on it");
    assert.equal(geoipProbe({ lookup: () => undefined, types: ["A", "B"] }).detail, "A, B");
    assert.equal(geoipProbe({ lookup: () => undefined, types: ["A\u001b[2J"] }).detail, "A\\x1b[2J");
    const text = doctorText([fine, bad, untried]);
    assert.match(text, /^ok +bpf +programs load$/m);
    assert.match(text, /^MISSING +cgroup2 +not mounted\n +fix: mount it$/m);
    assert.match(text, /^- +packet-socket +not tried$/m);
    assert.match(text, /does not work/);
  });

  it("writes one JSON object", () => {
    assert.deepEqual(JSON.parse(doctorJson([fine, untried])), {
      full: false,
      checks: [
        { name: "bpf", need: "required", ok: true, detail: "programs load" },
        { name: "packet-socket", need: "required", ok: null, detail: "not tried" },
      ],
    });
  });
});
