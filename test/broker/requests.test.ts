import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { answer, INODES_LIMIT, LineSplitter, parseRequest, REQUEST_LIMIT } from "../../src/app/broker/requests.ts";
import { descriptorsOf, parseInheritance } from "../../src/app/engine/inherited.ts";
import type { Inheritance } from "../../src/app/broker/inheritance.ts";

describe("parseRequest", () => {
  it("takes exactly the fixed requests", () => {
    assert.deepEqual(parseRequest('{"id":1,"ask":"process","pid":7}'), { id: 1, ask: "process", pid: 7 });
    assert.deepEqual(parseRequest('{"id":2,"ask":"owners","inodes":[9]}'), { id: 2, ask: "owners", inodes: [9] });
    assert.deepEqual(parseRequest('{"id":3,"ask":"suspend"}'), { id: 3, ask: "suspend" });
    for (const request of [
      { id: 4, ask: "create", path: "~/a.json", overwrite: false },
      { id: 5, ask: "write", data: "YQ==" },
      { id: 6, ask: "finish", complete: true },
      { id: 7, ask: "clipboard", text: "192.0.2.1" },
    ]) {
      assert.deepEqual(parseRequest(JSON.stringify(request)), request);
    }
  });

  const refused: readonly (readonly [what: string, line: string, why: RegExp])[] = [
    ["text", "hello", /not JSON/],
    ["an array", "[]", /unknown request|not an object|bad id/],
    ["null", "null", /not an object/],
    ["an unknown request", '{"id":1,"ask":"open","path":"/etc/shadow"}', /unknown/],
    ["another field", '{"id":1,"ask":"process","pid":7,"path":"/"}', /unknown field/],
    ["a path for a pid", '{"id":1,"ask":"process","pid":"../../etc"}', /bad pid/],
    ["a pid of 0", '{"id":1,"ask":"process","pid":0}', /bad pid/],
    ["a negative pid", '{"id":1,"ask":"process","pid":-1}', /bad pid/],
    ["half a pid", '{"id":1,"ask":"process","pid":1.5}', /bad pid/],
    ["a path with a NUL", JSON.stringify({ id: 1, ask: "create", path: "a\0.json", overwrite: false }), /bad path/],
    ["a path without a decision", '{"id":1,"ask":"create","path":"a.json"}', /bad overwrite/],
    ["data that is no base64", '{"id":1,"ask":"write","data":"a b"}', /bad data/],
    ["an end that says nothing", '{"id":1,"ask":"finish"}', /bad complete/],
    ["a long text", JSON.stringify({ id: 1, ask: "clipboard", text: "x".repeat(8193) }), /bad text/],
    ["no id", '{"ask":"process","pid":1}', /bad id/],
    ["inodes that are no list", '{"id":1,"ask":"owners","inodes":7}', /bad inodes/],
    ["an inode of 0", '{"id":1,"ask":"owners","inodes":[0]}', /bad inodes/],
    [
      "too many inodes",
      JSON.stringify({ id: 1, ask: "owners", inodes: Array(INODES_LIMIT + 1).fill(1) }),
      /bad inodes/,
    ],
    ["a long line", " ".repeat(REQUEST_LIMIT + 1), /characters/],
    ["a prototype", '{"id":1,"ask":"__proto__"}', /unknown request/],
  ];
  for (const [what, line, why] of refused) {
    it(`refuses ${what}`, () => {
      const request = parseRequest(line);
      assert.ok(typeof request === "string", "was taken");
      assert.match(request, why);
    });
  }

  it("never throws, and answers only what it took", () => {
    const asked: string[] = [];
    const actions = {
      owners: () => (asked.push("owners"), []),
      process: () => (asked.push("process"), {}),
      suspend: () => void asked.push("suspend"),
      create: () => (asked.push("create"), {}),
      write: () => (asked.push("write"), {}),
      finish: () => (asked.push("finish"), {}),
      clipboard: () => void asked.push("clipboard"),
      remember: () => void asked.push("remember"),
    };
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        const request = parseRequest(line);
        if (typeof request !== "string") assert.equal(answer(request, actions).id, request.id);
      }),
    );
    assert.deepEqual(asked, [], "random text became a request");
  });
});

describe("LineSplitter", () => {
  it("finds the same lines however the bytes arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), fc.integer({ min: 1, max: 7 }), (texts, size) => {
        const lines = texts.map((text) => text.replaceAll("\n", ""));
        const whole = lines.map((line) => `${line}\n`).join("");
        const seen: string[] = [];
        const splitter = new LineSplitter((line) => void seen.push(line));
        for (let at = 0; at < whole.length; at += size) assert.ok(splitter.push(whole.slice(at, at + size)));
        assert.deepEqual(seen, lines);
      }),
    );
  });

  it("gives up on a line without an end", () => {
    const splitter = new LineSplitter(() => assert.fail("no line was ended"));
    assert.ok(splitter.push("x".repeat(REQUEST_LIMIT)));
    assert.equal(splitter.push("x"), false);
  });
});

const inheritance: Inheritance = {
  level: "full",
  missing: ["address translation: errno 93"],
  target: { uid: 65_534, gid: 65_534, fromRoot: true },
  control: 3,
  lifeline: 4,
  socketPlane: { descriptors: [5, 6], description: { names: ["flows", "samples"] } },
  packetRings: [{ fd: 7, interfaceIndex: 0, interfaceName: "", blockSize: 65_536, blockCount: 32 }],
  conntrack: 8,
};

describe("parseInheritance", () => {
  it("reads what the broker writes", () => {
    assert.deepEqual(parseInheritance(JSON.stringify(inheritance)), inheritance);
    assert.deepEqual(descriptorsOf(inheritance), [3, 4, 5, 6, 7, 8]);
  });

  const wrong: readonly (readonly [field: string, value: unknown])[] = [
    ["level", "root"],
    ["reason", 7],
    ["missing", "all"],
    ["target", { uid: -1, gid: 0, fromRoot: true }],
    ["target", { uid: 0, gid: 0 }],
    ["control", 2],
    ["lifeline", 70_000],
    ["socketPlane", { descriptors: [5, "6"], description: {} }],
    ["packetRings", [{ fd: 1 }]],
    ["conntrack", 1.5],
    ["replay", "/etc/passwd"],
  ];
  for (const [field, value] of wrong) {
    it(`refuses ${field} ${JSON.stringify(value)}`, () => {
      assert.equal(
        parseInheritance(JSON.stringify({ ...inheritance, [field]: value })),
        `inheritance: bad field ${field}`,
      );
    });
  }

  it("refuses what is not an object, and what is too long", () => {
    assert.equal(parseInheritance(undefined), "not started by the broker");
    assert.equal(parseInheritance("{"), "inheritance: not JSON");
    assert.equal(parseInheritance("[]"), "inheritance: not an object");
    assert.match(String(parseInheritance(" ".repeat(70_000))), /at most/);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.json(), (text) => void parseInheritance(text)));
  });
});
