import assert from "node:assert/strict";
import { test } from "node:test";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory, portHint } from "../../src/dissect/index.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { epochMillis, type Host } from "../../src/model/index.ts";
import { buildFrame, type FrameText } from "./frames.ts";

const start = 1_767_225_600_000;
const replayHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

/** A capture that is written line by line: 192.0.2.1 is the client, 192.0.2.2 the server. */
class Capture {
  readonly #engine = createFlowEngine({
    host: replayHost,
    createInspectors: createInspectorFactory,
    crypto: cryptography,
    portHint,
  });
  #now = start;
  readonly #sequences = new Map<string, number>();

  #ingest(text: FrameText): void {
    const bytes = buildFrame(text);
    this.#now += 10;
    this.#engine.ingestFrame({
      time: epochMillis(this.#now),
      linkType: 1,
      interfaceIndex: 0,
      direction: "unknown",
      bytes,
      wireLength: bytes.length,
      vlan: 0,
    });
  }

  #send(protocol: "tcp" | "udp", from: string, fromPort: number, to: string, toPort: number, text: string): void {
    const key = `${from} ${fromPort} ${to} ${toPort}`;
    const sequence = this.#sequences.get(key) ?? 1000;
    this.#sequences.set(key, sequence + text.length);
    const payload = Uint8Array.from(text, (character) => character.charCodeAt(0));
    this.#ingest({
      protocol,
      source: from,
      sourcePort: fromPort,
      destination: to,
      destinationPort: toPort,
      payload,
      ...(protocol === "tcp" && { flags: "PA", sequence }),
    });
  }

  client(protocol: "tcp" | "udp", ownPort: number, serverPort: number, text: string): this {
    this.#send(protocol, "192.0.2.1", ownPort, "192.0.2.2", serverPort, text);
    return this;
  }

  server(protocol: "tcp" | "udp", ownPort: number, clientPort: number, text: string): this {
    this.#send(protocol, "192.0.2.2", ownPort, "192.0.2.1", clientPort, text);
    return this;
  }

  stranger(protocol: "tcp" | "udp", ownPort: number, clientPort: number, text: string): this {
    this.#send(protocol, "198.51.100.7", ownPort, "192.0.2.1", clientPort, text);
    return this;
  }

  wait(milliseconds: number): this {
    this.#now += milliseconds;
    return this;
  }

  /** Name and evidence of the flow that has this port. */
  found(port: number): string {
    const { connections } = this.#engine.tick(epochMillis(this.#now));
    const row = connections.find(({ local, remote }) => local.port === port || remote.port === port);
    assert.ok(row !== undefined, `a flow with port ${port}`);
    return row.application === undefined ? "none" : `${row.application.name} ${row.application.by}`;
  }
}

const session = (): Capture =>
  new Capture().server("tcp", 21, 5000, "220 FTP\r\n").client("tcp", 5000, 21, "USER a\r\n");

test("a passive data connection of FTP is what the server said it is", () => {
  const capture = session().server("tcp", 21, 5000, "227 Entering Passive Mode (192,0,2,2,100,85).\r\n");
  assert.equal(capture.client("tcp", 5001, 25_685, "\u0001\u0002\u0003").found(25_685), "ftp-data inferred");
});

test("so it is where the server stands behind a translation, and with EPSV, which names no address", () => {
  const translated = session().server("tcp", 21, 5000, "227 Entering Passive Mode (10,0,0,9,100,85).\r\n");
  assert.equal(translated.client("tcp", 5001, 25_685, "\u0001").found(25_685), "ftp-data inferred");
  const extended = session().server("tcp", 21, 5000, "229 Entering Extended Passive Mode (|||25686|)\r\n");
  assert.equal(extended.client("tcp", 5001, 25_686, "\u0001").found(25_686), "ftp-data inferred");
});

test("an active data connection of FTP is what the client said it is", () => {
  const capture = session().client("tcp", 5000, 21, "PORT 192,0,2,1,19,138\r\n");
  assert.equal(capture.server("tcp", 20, 5002, "\u0001\u0002").found(5002), "ftp-data inferred");
});

test("payload that says otherwise wins, and who was not spoken to is not believed", () => {
  const announced = (): Capture => session().client("tcp", 5000, 21, "PORT 192,0,2,1,19,138\r\n");
  assert.equal(announced().server("tcp", 20, 5002, "SSH-2.0-test\r\n").found(5002), "ssh payload");
  assert.equal(announced().stranger("tcp", 20, 5002, "\u0001\u0002").found(5002), "none");
  assert.equal(announced().wait(600_000).server("tcp", 2020, 5002, "\u0001\u0002").found(5002), "none");
});

test("a TFTP server's answers come from another port", () => {
  const capture = new Capture().client("udp", 6000, 69, "\0\u0001file\0octet\0");
  assert.equal(capture.server("udp", 7000, 6000, "\0\u0003\0\u0001data").found(7000), "tftp inferred");
});

test("media come where a session description or a transport header says", () => {
  const body = "v=0\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n";
  const invite = `INVITE sip:a@192.0.2.2 SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n${body}`;
  const call = new Capture().client("udp", 5060, 5060, invite);
  assert.equal(call.stranger("udp", 9000, 30_000, "\u0080\u0008\0\u0001").found(30_000), "rtp inferred");
  assert.equal(call.stranger("udp", 9001, 30_001, "\u0081\u00c8").found(30_001), "rtcp inferred");
  const stream = new Capture()
    .client("tcp", 5000, 554, "SETUP rtsp://192.0.2.2/a RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    .server(
      "tcp",
      554,
      5000,
      "RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=8000-8001;server_port=9000-9001\r\n\r\n",
    );
  assert.equal(stream.server("udp", 9000, 8000, "\u0080").found(8000), "rtp inferred");
  assert.equal(stream.client("udp", 8001, 9001, "\u0081").found(9001), "rtcp inferred");
});

test("an enciphered connection is a peer's where somebody said that he listens for peers", () => {
  const search = "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: 00\r\n\r\n\r\n";
  const onLink = new Capture().client("udp", 40_000, 6771, search);
  assert.equal(onLink.stranger("tcp", 41_000, 51_413, "\u00a7\u0003\u00c1").found(41_000), "bittorrent inferred");
  assert.equal(onLink.stranger("udp", 41_001, 51_413, "\u00a7\u0003\u00c1").found(41_001), "utp inferred");
  const tracked = new Capture().client(
    "tcp",
    5000,
    6969,
    "GET /announce?info_hash=%01&peer_id=-XX0000-&port=6890&left=0 HTTP/1.1\r\nHost: tracker.example.test\r\n\r\n",
  );
  assert.equal(tracked.stranger("tcp", 41_000, 6890, "\u00a7").found(41_000), "bittorrent inferred");
  const announced = new Capture().client(
    "udp",
    6881,
    6881,
    "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234564:porti6891e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe",
  );
  assert.equal(announced.stranger("tcp", 41_000, 6891, "\u00a7").found(41_000), "bittorrent inferred");
  const values =
    "d1:rd2:id20:abcdefghij01234567895:token1:x6:valuesl6:\u00c0\0\u0002\u0001\u001a\u00eaee1:t2:aa1:y1:re";
  const listed = new Capture().server("udp", 6881, 6881, values);
  assert.equal(listed.stranger("tcp", 41_000, 6890, "\u00a7").found(41_000), "bittorrent inferred");
});
