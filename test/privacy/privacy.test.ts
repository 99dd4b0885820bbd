import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { Report } from "../../src/app/report.ts";
import { exportLines } from "../../src/app/screen-export.ts";
import { Aggregator, createCsvWriter, flowRecord, jsonLine, plainAggregates } from "../../src/export/index.ts";
import type { Connection, ProcessInfo } from "../../src/model/index.ts";
import { compile } from "../../src/query/index.ts";
import { Aliases, Privacy, scrubAddresses } from "../../src/privacy/index.ts";
import { copyConnection } from "../../src/tui/freeze.ts";
import { FakeOutput } from "../cli/fakes.ts";
import { connection, noon, owner, snapshotOf } from "../tui/story.ts";
import { secretConnection, secrets, secretSnapshot } from "./secrets.ts";

const leaks = (text: string): string[] => secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));

/** Every field of a row, as text: fields are getters. */
const allOf = (row: Connection): string => JSON.stringify(copyConnection(row));

describe("aliases", () => {
  it("are the same for the same value, and others for others", () => {
    const aliases = new Aliases();
    assert.equal(aliases.address("10.1.2.3"), "198.18.0.1");
    assert.equal(aliases.address("10.1.2.4"), "198.18.0.2");
    assert.equal(aliases.address("10.1.2.3"), "198.18.0.1");
    assert.equal(aliases.address("2001:DB8::7"), "100::1");
    assert.equal(aliases.address("2001:db8::7"), "100::1");
    assert.equal(aliases.address("fe80::1%eth0"), "100::2");
    assert.equal(aliases.host("WWW.example.org."), "host-1");
    assert.equal(aliases.host("www.example.org"), "host-1");
    assert.equal(aliases.mac("00-1B-21-AA-BB-CC"), "02:00:00:00:00:01");
    assert.equal(aliases.mac("00:1b:21:aa:bb:cc"), "02:00:00:00:00:01");
    assert.equal(aliases.user("anna"), "user-1");
  });

  it("leave what every machine has", () => {
    const aliases = new Aliases();
    for (const text of ["127.0.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255", "::", "::1", "ff02::fb", ""]) {
      assert.equal(aliases.address(text), text);
    }
    assert.notEqual(aliases.address("ff02::1:ff28:9c5a"), "ff02::1:ff28:9c5a", "the end of somebody's address");
    assert.equal(aliases.mac("ff:ff:ff:ff:ff:ff"), "ff:ff:ff:ff:ff:ff");
    assert.equal(aliases.host("localhost"), "localhost");
    assert.equal(aliases.user("root"), "root");
    assert.equal(aliases.interface("eth0"), "eth0");
    assert.equal(aliases.interface("enx001b21aabbcc"), "adapter-1");
  });

  it("stay apart and valid for as many values as come", () => {
    const aliases = new Aliases();
    const seen = new Set<string>();
    for (let i = 0; i < 70_000; i++) seen.add(aliases.address(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`));
    assert.equal(seen.size, 70_000);
    for (const alias of seen) assert.match(alias, /^198\.1[89]\.\d{1,3}\.\d{1,3}$/);
  });
});

describe("addresses in text", () => {
  it("are found in every writing, and nothing else", () => {
    const aliases = new Aliases();
    const scrub = (text: string): string => scrubAddresses(text, aliases);
    assert.equal(scrub("10.0.0.2:5000 > 192.0.2.1:443"), "198.18.0.1:5000 > 198.18.0.2:443");
    assert.equal(scrub("[2001:db8::1]:80 fe80::aa:bb/64"), "[100::1]:80 100::2/64");
    assert.equal(scrub("::ffff:10.0.0.2"), "100::3");
    assert.equal(scrub("mac 00:1b:21:aa:bb:cc."), "mac 02:00:00:00:00:01.");
    for (const text of ["OpenSSH_9.2p1", "12:30:59", "TLS 1.3", "std::string", "1.2.3", "h2", "127.0.0.1"]) {
      assert.equal(scrub(text), text);
    }
  });

  it("never come through, whatever stands around them", () => {
    const word = fc.stringMatching(/^[a-z >,;()[\]]{0,8}$/);
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), word, word, (four, six, before, between) => {
        const kept = new Aliases();
        const text = scrubAddresses(`${before} ${four} ${between} ${six}`, kept);
        if (kept.address(four) !== four) assert.ok(!text.split(/[^\d.]/).includes(four), text);
        if (kept.address(six) !== six.toLowerCase()) assert.ok(!text.includes(` ${six}`), text);
      }),
    );
  });
});

describe("rows", () => {
  it("hide every address, name and user, and nothing that is none", () => {
    const shown = new Privacy().connection(secretConnection);
    assert.deepEqual(leaks(allOf(shown)), []);
    assert.equal(allOf(shown).match(/host-1"/g)?.length, 4, "everything is read");
    assert.equal(shown.remote.port, 443);
    assert.equal(shown.process?.name, "firefox");
    assert.equal(shown.process?.pid, 4242);
    assert.equal(shown.application?.facts.tls?.version, "TLS 1.3");
    assert.equal(shown.rxBytes, secretConnection.rxBytes);
    assert.equal(shown.hostname, shown.application?.facts.tls?.sni, "the same host has the same alias");
    assert.match(shown.process?.executable ?? "", /^\/home\/user-1\/bin\/firefox$/);
    assert.equal(shown.process?.user?.name, "user-1");
    assert.equal(shown.process?.user?.id, 1);
  });

  it("stay the same object, and as live as the row", () => {
    const privacy = new Privacy();
    let rate = 1;
    const row = Object.defineProperty({ ...connection(1, {}) }, "rxRate", { get: () => rate, enumerable: true });
    const shown = privacy.connection(row);
    assert.equal(privacy.connection(row), shown);
    assert.equal(privacy.real(shown), row);
    assert.equal(privacy.real(row), row);
    rate = 7;
    assert.equal(shown.rxRate, 7);
  });

  it("hide facts of protocols that are yet to come", () => {
    const fact = fc.string({ minLength: 12, maxLength: 40 }).filter((text) => /[a-z]/i.test(text.trim()));
    const name = fc.stringMatching(/^[a-z_]{1,12}$/).map((text) => `new_${text}`);
    fc.assert(
      fc.property(name, fact, (key, text) => {
        const application = {
          name: "new",
          by: "payload",
          facts: { new: { [key]: text, list: [{ [key]: text }] } },
        } as const;
        const shown = new Privacy().application(application);
        assert.ok(!JSON.stringify(shown.facts).includes(JSON.stringify(text)));
      }),
    );
  });

  it("filters are about the real values, and take aliases too", () => {
    const privacy = new Privacy();
    const rows = [secretConnection, connection(2, { process: owner("curl", 7), hostname: "other.example" })];
    for (const row of rows) allOf(privacy.connection(row));
    const matching = (filter: string): number[] => {
      const query = compile(privacy.filter(filter));
      assert.ok(query.ok, filter);
      return rows.filter((row) => query.predicate(row, noon)).map((row) => row.id);
    };
    const alias = privacy.connection(secretConnection).hostname ?? "";
    assert.deepEqual(matching("host:intranet.secret-corp.example"), [1]);
    assert.deepEqual(matching(`host:${alias}`), [1]);
    assert.deepEqual(matching(`not host:${alias}`), [2]);
    assert.deepEqual(matching(`dst:${privacy.connection(secretConnection).remote.address}`), [1]);
    assert.deepEqual(matching("process:curl"), [2]);
  });

  it("units and paths lose users and what a template was made from", () => {
    const process: ProcessInfo = {
      ...owner("sshd", 9),
      service: "ssh@1-10.9.8.7:22-10.9.8.6:5000.service",
      cgroupPath: "/user.slice/user-1234.slice/user@1234.service/app.slice",
      executable: "/run/user/1234/app",
    };
    const text = JSON.stringify(new Privacy().process(process));
    assert.doesNotMatch(text, /1234|10\.9\.8/);
    assert.match(text, /"service":"unit-1"/);
  });
});

describe("exports", () => {
  for (const format of ["json", "csv", "plain"] as const) {
    it(`hold no real value as ${format}`, () => {
      const privacy = new Privacy();
      const snapshot = privacy.snapshot(secretSnapshot);
      const content = { kind: "connections", connections: snapshot.connections } as const;
      const text = [...exportLines({ content, format, snapshot })].join("");
      assert.match(text, /198\.18\.0\./, "something is there");
      assert.deepEqual(leaks(text), []);
    });
  }

  it("a headless run writes none, neither in its rows nor in its sums, and filters by the real ones", async () => {
    const query = compile("not process:sshd");
    assert.ok(query.ok);
    for (const format of ["json", "csv", "plain"] as const) {
      for (const by of ["flow", "process", "host", "app"] as const) {
        const output = new FakeOutput();
        const report = new Report({ format, by, private: true, interval: 1, filter: query }, output);
        report.tick(secretSnapshot, secretSnapshot.connections.slice(2), secretSnapshot.connections);
        report.interval(secretSnapshot);
        await report.finish(secretSnapshot, false, () => undefined);
        assert.ok(output.text.length > 100);
        assert.deepEqual(leaks(output.text), [], `${format} by ${by}`);
        assert.ok(!output.text.includes("sshd"));
      }
    }
  });

  it("sums by process, host and application hold none either", () => {
    for (const by of ["process", "host", "app"] as const) {
      const privacy = new Privacy();
      const aggregator = new Aggregator(by);
      const rows: readonly Connection[] = privacy.snapshot(secretSnapshot).connections;
      const records = aggregator.records(rows, noon);
      const csv = createCsvWriter("aggregate");
      const text = [
        ...records.flatMap((record) => [jsonLine(record), csv.line(record)]),
        ...plainAggregates(by, records, Infinity),
      ].join("\n");
      assert.ok(records.length > 0);
      assert.deepEqual(leaks(text), [], by);
    }
  });

  it("the secrets are there without it: the test can fail", () => {
    const text = jsonLine(flowRecord(secretConnection, noon));
    assert.ok(leaks(text).length > 10, leaks(text).join(" "));
    assert.equal(leaks(JSON.stringify(snapshotOf([]))).length, 0);
  });
});
