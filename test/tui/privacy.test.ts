import assert from "node:assert/strict";
import { test } from "node:test";
import { copyConnection } from "../../src/tui/freeze.ts";
import { tabs } from "../../src/tui/tab-screen.ts";
import { secretLineage, secretNames, secrets, secretSnapshot } from "../privacy/secrets.ts";
import { story, type Story } from "./story.ts";

const sizes = ["30x8", "80x24", "120x40", "200x50"] as const;
const controls = new RegExp(String.raw`${"\u001B"}\[[\d;?]*[A-Za-z]`, "g");

/** What any program that reads the terminal could find, in whole lines and as bytes. */
const leaks = (text: string): string[] => secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));

/** A story whose network, too, is somebody's. */
function secretStory(size: string, options: Parameters<typeof story>[2] = {}): Story {
  const one = story(size, undefined, options);
  const { network } = one.engine;
  network.routes = network.routes.map((route) => ({
    ...route,
    ...(route.gateway !== undefined && { gateway: "203.0.113.77" }),
    ...(route.source !== undefined && { source: "10.77.1.5" }),
    destination: route.version === 4 ? "10.77.1.5/32" : "2001:db8:77::/48",
  }));
  network.neighbours = network.neighbours.map((neighbour) => ({
    ...neighbour,
    address: !neighbour.address.includes(":") ? "198.51.100.99" : "2001:db8:77::9",
    mac: "00:1b:21:77:aa:bc",
  }));
  one.engine.lineage = () => secretLineage;
  one.engine.namesOf = () => secretNames;
  one.screen.update(secretSnapshot);
  return one;
}

for (const size of sizes) {
  test(`${size}: no tab, dialog, copy or export shows a real value while privacy is on`, async () => {
    const one = secretStory(size, { private: true });
    await one.lines();
    // The first frame of every tab, its end, its groups, its details, the palette, what is copied and written.
    for (const { key } of tabs) {
      await one.keys(`1j\r${key}`);
      for (const keys of [
        "j",
        "c",
        "G",
        "c",
        "gjj",
        "c",
        "g",
        "ajl",
        "aaaaa",
        "t",
        "d",
        "p",
        ":",
        "\x1b[27u",
        "vvv",
        "\x1b[Cc\x1b[Cjc\x1b[Dc",
        "e\r",
      ]) {
        await one.keys(keys);
        await one.keys("");
      }
      await one.keys("\x1b[27u\x1b[27ur");
      for (let page = 0; page < 12; page++) await one.keys("\x06");
    }
    const output = one.terminal.writes.join("");
    const copied = [...output.matchAll(/\]52;c;([\w+/=]+)/g)].map(([, text]) =>
      Buffer.from(text ?? "", "base64").toString(),
    );
    assert.ok(copied.length > 0);
    assert.deepEqual(leaks(output.replaceAll(controls, "")), []);
    assert.deepEqual(leaks(copied.join("\n")), []);
    assert.ok(one.engine.exports.length > 0);
    for (const { content, snapshot } of one.engine.exports) {
      const connections = content.kind === "connections" ? content.connections : [];
      assert.deepEqual(leaks(JSON.stringify([content, snapshot, connections.map(copyConnection)])), []);
    }
    assert.ok(
      one.engine.exports.some(({ content }) => content.kind === "connections" && content.connections.length > 0),
    );
  });
}

test("the network that these stories hide is shown without privacy: the stories can fail", async () => {
  const text = (await secretStory("200x50").keys("6")).join("\n");
  for (const secret of ["203.0.113.77", "198.51.100.99", "00:1b:21:77"]) assert.ok(text.includes(secret), secret);
});

test("the parents that these stories hide are shown without privacy", async () => {
  const text = (await secretStory("200x60").keys("j\r")).join("\n");
  for (const secret of ["topsecret", "annabel", "berthold", "cdn.secret-corp"])
    assert.ok(text.includes(secret), secret);
  assert.match(text, /login 10\.77\.1\.5/);
});

test("P hides and shows again; the title tells; the selection and the details stay", async () => {
  const one = story("120x40", secretSnapshot);
  assert.match((await one.lines()).join("\n"), /intranet\.secr/);
  const hidden = (await one.keys("jP")).join("\n");
  assert.deepEqual(leaks(hidden), []);
  assert.match(hidden, /host-1/);
  assert.match(hidden, /private/);
  assert.match(hidden, /hidden$/m);
  assert.match(hidden, /1\/\d/, "the selection stays");
  await one.keys("\r");
  assert.deepEqual(leaks((await one.lines()).join("\n")), []);
  assert.match((await one.keys("P")).join("\n"), /intranet\.secr/);
  assert.deepEqual(leaks((await one.keys("P")).join("\n")), []);
});

test("details of a connection that is gone are hidden too, and a frozen screen", async () => {
  const gone = story("120x40", secretSnapshot);
  await gone.keys("j\r");
  gone.screen.update({ ...secretSnapshot, connections: [] });
  assert.match((await gone.lines()).join("\n"), /no longer in the table/);
  assert.deepEqual(leaks((await gone.keys("P")).join("\n")), []);
  const frozen = story("120x40", secretSnapshot);
  await frozen.keys("f");
  frozen.screen.update({ ...secretSnapshot, connections: [] });
  const text = (await frozen.keys("P")).join("\n");
  assert.match(text, /firefox/);
  assert.deepEqual(leaks(text), []);
});

test("filters select by real values and by aliases while privacy is on", async () => {
  const one = story("120x40", secretSnapshot, { private: true });
  const rows = async (): Promise<string> => (await one.lines()).filter((line) => /firefox|sshd/.test(line)).join("\n");
  await one.keys("/host:host-1\r");
  assert.match(await rows(), /firefox/);
  assert.doesNotMatch(await rows(), /sshd/);
  await one.keys("\x1b[27u/not dst:203.0.113.77\r");
  assert.doesNotMatch(await rows(), /firefox/);
});

for (const size of ["80x24", "200x50"] as const) {
  test(`${size}: what tabs keep from before P shows nothing real after it`, async () => {
    const one = secretStory(size);
    for (const { key } of tabs) await one.keys(`1j\r${key}jjGgv`);
    one.screen.update({ ...secretSnapshot, tick: 2 });
    for (const { key } of tabs) await one.keys(key);
    await one.keys("1P");
    const from = one.terminal.writes.length;
    for (const { key } of tabs) {
      await one.keys(`${key}\x0c`);
      for (const keys of ["j", "G", "g", "v", "v", "v", "\x06", "\x06"])
        assert.deepEqual(leaks((await one.keys(keys)).join("\n")), [], key);
    }
    one.screen.update({ ...secretSnapshot, tick: 3 });
    for (const { key } of tabs) assert.deepEqual(leaks((await one.keys(key)).join("\n")), [], key);
    assert.ok(one.terminal.writes.length > from);
  });
}
