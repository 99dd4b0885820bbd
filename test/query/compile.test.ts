import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../src/model/index.ts";
import { epochMillis, port } from "../../src/model/index.ts";
import { compile } from "../../src/query/index.ts";
import { row, rowNow } from "./rows.ts";

function matches(text: string, connection: Connection = row()): boolean {
  const query = compile(text);
  assert.ok(query.ok, query.ok ? "" : `${text}: ${query.message}`);
  return query.predicate(connection, rowNow);
}

const yes = [
  "",
  "process:firefox and (port:443 or sni:/\\.cdn\\./) and not dst:10.0.0.0/8 and bytes>10MB",
  "port:443",
  "port:50000",
  "port:400-500",
  "port:80,443",
  "port=443",
  "port!=80",
  "port:/44/",
  "sport:50000",
  "srcport:50000 source-port:50000",
  "dport:443 dstport:443 dest-port:443 destination-port:443",
  "dport > 400 dport<=443",
  "src:192.0.2.0/24",
  "source:192.0.2.10",
  "src:192.0.2",
  "src:192.0.2.1-192.0.2.20",
  "src:::ffff:192.0.2.10",
  "dst:198.51.100.7 dest:198.51.100.0/24 destination:198",
  "dst:cdn.example",
  "dst:10.0.0.0/8,198.51.100.0/24",
  "local:192.0.2.10 remote:198.51.100.7 ip:192.0.2.10 ip:198.51.100.7",
  "proto:tcp protocol:TCP proto=tcp",
  "state:established state:ESTAB",
  "service:https svc:http",
  "sni:cdn host:img hostname:example",
  "host:*.cdn.example",
  "app:tls application:TLS",
  "process:FireFox proc:fire process=firefox process:firefox-bin",
  "pid:4242 pid>4000",
  "user:anna user:1000 user:ann",
  "exe:/usr/lib/firefox/firefox-bin",
  "exe:/FOX-bin$/",
  'cmd:"--profile work"',
  "parent:bash parent:77",
  "unit:firefox",
  "container:web cont:0123 container:docker",
  "pod:frontend pod:pod-abc",
  "ns:kube-system ns:1 namespace:kube",
  "country:ch country=CH asn:13335 asn:AS13335 asn:example",
  "iface:eth0 iface=ETH0 vlan:100-199",
  "mac:02:00:5e mac:02-00-5e-00-53-01",
  "ja4:t13d1516h2",
  "bytes>=21MB bytes<22MB tx>0.9MB rx>19MiB",
  "packets:16000 packets>15k",
  "rate>1M rate>16Mbit rate>2MB/s rxrate>=2000kB/s txrate<1M/s",
  "rtt>50ms rtt<0.1s rtt:60 rtt:50-70",
  "retransmits:20 loss>1% loss:2",
  "age:60 age>59s age<=1m idle:10s idle<1h",
  "is:live is:outbound is!=closed not is:inbound,loopback,listen",
  "firefox",
  "FIREFOX 443",
  "4424 or 424",
  "198.51",
  '"--profile work"',
  "/fire.*x/",
  "!chrome && (firefox || curl)",
  "not not firefox",
  "NOT chrome AND firefox OR chrome",
  "chrome or firefox and port:443",
];

for (const text of yes) test(`matches: ${text}`, () => assert.equal(matches(text), true));

const no = [
  "port:44",
  "port:80",
  "sport:443",
  "dport:50000",
  "not port:443",
  "port!=443",
  "port:1-442",
  "dst:192.0.2.0/24",
  "src:192.0.3.0/24",
  "src:2001:db8::/32",
  "proto=tc",
  "state:listen",
  "host:cdn.example*",
  "process=fire",
  "bytes>1GB",
  "rate>17Mbit",
  "age<10s",
  "is:closed",
  "is:loopback",
  "is:inbound",
  "firefox chrome",
  "chrome and firefox or curl",
  '"firefox --profile  work"',
  "ssh:OpenSSH",
  "4225",
];
for (const text of no) test(`does not match: ${text}`, () => assert.equal(matches(text), false));

test("source is the side that opened the connection", () => {
  const inbound = row({ direction: "inbound" });
  assert.equal(matches("src:198.51.100.7 sport:443 dst:192.0.2.10 dport:50000", inbound), true);
  const unknown = row({ direction: "unknown" });
  assert.equal(matches("src:192.0.2.10 dst:198.51.100.7", unknown), true);
});

test("a row without facts matches no field, and every negation", () => {
  const { process, application, hostname, service, geo, vlan, interfaceName, localMac, remoteMac, ...bare } = row();
  void [process, application, hostname, service, geo, vlan, interfaceName, localMac, remoteMac];
  const connection: Connection = { ...bare, quality: {} };
  for (const text of ["process:*", "pid>0", "user:/./", "app:*", "rtt>0", "rtt<=0", "loss>=0", "asn:/./", "vlan>=0"]) {
    assert.equal(matches(text, connection), false, text);
    assert.equal(matches(`not ${text}`, connection), true, text);
  }
});

test("IPv6 prefixes and addresses in any spelling", () => {
  const connection = row({ remote: { address: "2001:db8::53", port: port(53) } });
  for (const text of [
    "dst:2001:db8::/32",
    "dst:2001:0db8:0:0:0:0:0:53",
    "dst:2001:db8::53",
    "2001:db8",
    "dst:2001:db8::1-2001:db8::ff",
  ]) {
    assert.equal(matches(text, connection), true, text);
  }
  for (const text of ["dst:2001:db9::/32", "dst:::/1 dst:8000::/1", "dst:0.0.0.0/0"])
    assert.equal(matches(text, connection), false, text);
});

test("loopback and listeners", () => {
  const loop = row({ local: { address: "127.0.0.1", port: port(1) }, remote: { address: "127.0.0.1", port: port(2) } });
  assert.equal(matches("is:loopback", loop), true);
  assert.equal(matches("is:loopback", row({ local: { address: "::1", port: port(1) } })), true);
  assert.equal(matches("is:listen", row({ state: "LISTEN" })), true);
});

test("the age of an ended connection stands still", () => {
  assert.equal(matches("age:5", row({ end: epochMillis(1_700_000_005_000), liveliness: "closed" })), true);
});

const mistakes: readonly (readonly [string, RegExp, number, number])[] = [
  ["prot:tcp", /no field is called "prot"; did you mean "proto"\?/, 0, 4],
  ["a and procss:x", /did you mean "process"/, 6, 6],
  ["nonsense:1", /no field is called "nonsense"/, 0, 8],
  ["port:", /"port:" needs a value/, 0, 5],
  ["port: 443", /"port:" needs a value/, 0, 5],
  ["port:443,", /a value is missing/, 9, 1],
  ["port:abc", /"abc" is not a number for "port"/, 5, 3],
  ["port:70000", /at most 65535/, 5, 5],
  ["port:20-10", /ends before it begins/, 5, 5],
  ["bytes>10XB", /not a number for "bytes".*MB/, 6, 4],
  ["rtt>fast", /milliseconds/, 4, 4],
  ["process>1", /cannot be compared with ">"/, 0, 9],
  ["dst>1", /cannot be compared/, 0, 5],
  ["port>1,2", /takes one value/, 0, 8],
  ["dst:10.0.0.0/33", /prefix length must be 0 to 32/, 4, 11],
  ["dst:10.0.0/8", /not an address and prefix length/, 4, 8],
  ["dst:10.0.0.9-10.0.0.1", /ends before it begins/, 4, 17],
  ["is:close", /did you mean "closed"/, 3, 5],
  ["is:/x/", /takes one of/, 3, 3],
  ["(port:443", /this \( is not closed/, 0, 1],
  ["port:443)", /this \) has no \(/, 8, 1],
  ["()", /nothing between/, 0, 2],
  ["a or", /"or" needs something on its right/, 2, 2],
  ["a and )", /"and" needs something on its right/, 2, 3],
  ["or a", /"or" needs something on its left/, 0, 2],
  ["not", /"not" needs something on its right/, 0, 3],
  ['process:"fire', /quote is not closed/, 8, 1],
  ["sni:/a(b/", /\( is not closed/, 6, 1],
  ["/[z-a]/", /ends before it begins/, 2, 1],
  ["/a(?=b)/", /look-around/, 2, 1],
  ["/(a)\\1/", /back references/, 4, 1],
  ["/(a{1000}){1000}/", /more than/, 1, 1],
  [`${"(".repeat(65)}a${")".repeat(65)}`, /nested deeper than 64/, 64, 1],
  ["a ".repeat(257), /more than 256 terms/, 512, 1],
  ["x".repeat(4097), /longer than 4096/, 4096, 1],
];
for (const [text, message, position, length] of mistakes) {
  test(`mistake: ${text.slice(0, 40)}`, () => {
    const query = compile(text);
    assert.ok(!query.ok, "compiled");
    assert.match(query.message, message);
    assert.deepEqual([query.position, query.length], [position, length]);
  });
}
