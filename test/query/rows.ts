import { type Connection, connectionId, epochMillis, networkNamespace, pid, port } from "../../src/model/index.ts";

/** A row to vary: firefox (pid 4242) speaks TLS from 192.0.2.10:50000 to 198.51.100.7:443. */
export function row(changes: Partial<Connection> = {}): Connection {
  return {
    id: connectionId(1),
    protocolNumber: 6,
    protocol: "TCP",
    local: { address: "192.0.2.10", port: port(50_000) },
    remote: { address: "198.51.100.7", port: port(443) },
    networkNamespace: networkNamespace(1),
    interfaceName: "eth0",
    direction: "outbound",
    state: "ESTABLISHED",
    liveliness: "live",
    start: epochMillis(1_700_000_000_000),
    lastActivity: epochMillis(1_700_000_050_000),
    txBytes: 1_000_000,
    rxBytes: 20_000_000,
    txPackets: 1000,
    rxPackets: 15_000,
    txRate: 100_000,
    rxRate: 2_000_000,
    txRate10: 0,
    rxRate10: 0,
    txRate60: 0,
    rxRate60: 0,
    quality: { rtt: 60, minRtt: 40, retransmits: 20 },
    process: {
      pid: pid(4242),
      start: epochMillis(1_699_999_000_000),
      name: "firefox",
      executable: "/usr/lib/firefox/firefox-bin",
      commandLine: ["firefox", "--profile", "work"],
      parent: { pid: pid(77), name: "bash" },
      user: { id: 1000, name: "anna" },
      container: { id: "0123456789ab", runtime: "docker", name: "k8s_web_frontend_kube-system" },
      cgroupPath: "/kubepods/pod-abc",
      service: "firefox.service",
    },
    attribution: "socket",
    application: {
      name: "tls",
      by: "payload",
      hostname: "img.cdn.example",
      hostnameSource: "sni",
      facts: { tls: { sni: "img.cdn.example", version: "TLS 1.3", ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1" } },
    },
    service: "https",
    hostname: "img.cdn.example",
    hostnameSource: "sni",
    localMac: "02:00:00:00:00:01",
    remoteMac: "02:00:5e:00:53:01",
    vlan: 120,
    geo: { country: "CH", asn: 13_335, organization: "Example Net" },
    ...changes,
  };
}

/** A clock for `row`: a minute after it began. */
export const rowNow = 1_700_000_060_000;
