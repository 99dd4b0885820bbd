/** A row in which every field that can say who it is about does so. */
import type { Connection, KnownName, ProcessInfo, Snapshot } from "../../src/model/index.ts";
import { port } from "../../src/model/index.ts";
import { connection, owner, snapshotOf } from "../tui/story.ts";

/** What must stand nowhere while privacy is on. */
export const secrets: readonly string[] = [
  "10.77.1.5",
  "203.0.113.77",
  "198.51.100.99",
  "2001:db8:77",
  "00:1b:21:77",
  "001b2177",
  "00-1b-21-77",
  "secret-corp",
  "resolver-77",
  "agent-of",
  "topsecret",
  "annabel",
  "berthold",
  "1077",
];

export const secretConnection: Connection = connection(1, {
  local: { address: "10.77.1.5", port: port(40_000) },
  remote: { address: "203.0.113.77", port: port(443) },
  hostname: "intranet.secret-corp.example",
  hostnameSource: "sni",
  interfaceName: "enx001b2177aabb",
  localMac: "00:1b:21:77:aa:bb",
  remoteMac: "00:1B:21:77:AA:BC",
  translated: ["10.77.1.5:40000 > 203.0.113.77:443", "[2001:db8:77::1]:1 > [2001:db8:77::2]:2"],
  service: "https",
  process: {
    ...owner("firefox", 4242),
    executable: "/home/annabel/bin/firefox",
    commandLine: ["/home/annabel/bin/firefox", "--profile", "topsecret", "https://intranet.secret-corp.example/"],
    workingDirectory: "/srv/topsecret",
    parent: { pid: owner("bash", 1).pid, name: "bash" },
    user: { id: 1077, name: "annabel" },
    groupId: 1077,
    cgroupPath: "/user.slice/user-1077.slice/user@1077.service/app.slice",
    service: "user@1077.service",
  },
  application: {
    name: "tls",
    by: "payload",
    hostname: "intranet.secret-corp.example",
    hostnameSource: "sni",
    facts: {
      tls: {
        sni: "intranet.secret-corp.example",
        version: "TLS 1.3",
        subject: "CN=intranet.secret-corp.example, O=Secret-Corp",
        issuerdn: "CN=Secret-Corp Authority",
        client_alpns: ["h2"],
      },
      dns: {
        queries: [{ rrname: "resolver-77.secret-corp.example", rrtype: "A" }],
        answers: [
          { rrname: "resolver-77.secret-corp.example", rrtype: "A", ttl: 5, rdata: "198.51.100.99" },
          { rrname: "99.100.51.198.in-addr.arpa", rrtype: "PTR", ttl: 5, rdata: "resolver-77.secret-corp.example" },
        ],
      },
      http: {
        hostname: "intranet.secret-corp.example",
        http_method: "GET",
        url: "/annabel/topsecret",
        http_user_agent: "agent-of-annabel/1.0",
        server: "resolver-77",
      },
      dhcp: { client_mac: "00-1b-21-77-aa-bb", assigned_ip: "10.77.1.5", hostname: "annabel-laptop" },
      smtp: { helo: "secret-corp", from: "annabel@secret-corp.example", to: ["berthold@secret-corp.example"] },
      postgresql: { user: "annabel", database: "topsecret" },
      // An unexpected value under a key that is harmless elsewhere.
      new: { version: "203.0.113.77", command: "CONNECT intranet.secret-corp.example:443 for annabel@10.77.1.5 …" },
    },
  },
  rxRate: 12_400_000,
  rxBytes: 1_240_000_000,
});

/** Its owner and the parents of it. */
export const secretLineage: readonly ProcessInfo[] = [
  { ...secretConnection.process! },
  {
    ...owner("bash", 1_001),
    commandLine: ["/home/annabel/bin/bash", "-c", "cd topsecret"],
    workingDirectory: "/home/annabel/topsecret",
    user: { id: 1077, name: "annabel" },
  },
  {
    ...owner("login 10.77.1.5", 700),
    executable: "/home/berthold/login",
    commandLine: ["login: berthold [203.0.113.77]"],
    user: { id: 1078, name: "berthold" },
  },
];

/** What its remote address is called. */
export const secretNames: readonly KnownName[] = [
  { name: "cdn.secret-corp.example", source: "dns" },
  { name: "intranet.secret-corp.example", source: "nrb" },
];

/** The same under other conditions: closed, without a name, version 6, somebody else's. */
export const secretRows: readonly Connection[] = [
  secretConnection,
  connection(2, {
    local: { address: "2001:db8:77::1", port: port(22) },
    remote: { address: "2001:db8:77::2", port: port(50_000) },
    direction: "inbound",
    process: { ...owner("sshd", 9), user: { id: 1078, name: "berthold" }, executable: "/Users/berthold/sshd" },
  }),
  connection(3, {
    protocolNumber: 0x1_0806,
    protocol: "ARP",
    local: { address: "10.77.1.5", port: port(0) },
    remote: { address: "198.51.100.99", port: port(0) },
    localMac: "00:1b:21:77:aa:bb",
    remoteMac: "00:1b:21:77:aa:bc",
    liveliness: "closed",
    attribution: "none",
  }),
];

const base = snapshotOf(secretRows);

export const secretSnapshot: Snapshot = {
  ...base,
  interfaces: base.interfaces.map((one) => ({
    ...one,
    name: "enx001b2177aabb",
    mac: "00:1b:21:77:aa:bb",
    addresses: ["10.77.1.5", "10.77.1.5/24", "2001:db8:77::1/64"],
  })),
};
