/**
 * DNS inside TLS and QUIC: DoT (RFC 7858), DoQ (RFC 9250), DoH (RFC 8484). What is asked cannot be seen.
 *
 * DoT and DoQ may say so in ALPN ("dot", "doq": IANA's registry) and have port 853. DoH is HTTP: it is inferred from the
 * name of a public resolver, and so may be its web page.
 */
import type { EncryptedDns, EncryptedDnsEvidence } from "../model/index.ts";

const port = 853;
/** Host names under which public resolvers answer over HTTPS, or the domain whose every name does. */
const resolvers: ReadonlySet<string> = new Set([
  "1dot1dot1dot1.cloudflare-dns.com",
  "8888.google",
  "adguard-dns.com",
  "anycast.dns.nextdns.io",
  "basic.rethinkdns.com",
  "cloudflare-dns.com",
  "dns.adguard.com",
  "dns.alidns.com",
  "dns.controld.com",
  "dns.decloudus.com",
  "dns.digitale-gesellschaft.ch",
  "dns.google",
  "dns.google.com",
  "dns.mullvad.net",
  "dns.nextdns.io",
  "dns.njal.la",
  "dns.quad9.net",
  "dns.sb",
  "dns.switch.ch",
  "dns.twnic.tw",
  "dns0.eu",
  "dns9.quad9.net",
  "dns10.quad9.net",
  "dns11.quad9.net",
  "dnsforge.de",
  "doh.360.cn",
  "doh.applied-privacy.net",
  "doh.cleanbrowsing.org",
  "doh.dns.apple.com",
  "doh.dns.sb",
  "doh.familyshield.opendns.com",
  "doh.ffmuc.net",
  "doh.libredns.gr",
  "doh.mullvad.net",
  "doh.opendns.com",
  "doh.pub",
  "doh.tiar.app",
  "doh.umbrella.com",
  "doh.xfinity.com",
  "dot.pub",
  "freedns.controld.com",
  "max.rethinkdns.com",
  "odvr.nic.cz",
  "one.one.one.one",
  "ordns.he.net",
  "public.dns.iij.jp",
  "security-filter-dns.cleanbrowsing.org",
  "sky.rethinkdns.com",
  "unicast.uncensoreddns.org",
  "wikimedia-dns.org",
]);

function isResolver(name: string): boolean {
  let rest = name.toLowerCase();
  // A name has at most 127 labels.
  for (let count = 0; count < 127; count++) {
    if (resolvers.has(rest)) return true;
    const dot = rest.indexOf(".");
    if (dot < 0) return false;
    rest = rest.slice(dot + 1);
  }
  return false;
}

/**
 * Which kind of encrypted DNS a ClientHello is for, if any: by its ALPN, by port 853, or by the resolver's name with HTTP/2 or 3
 * in its ALPN. `carrier` as in JA4: "t" TCP, "q" QUIC, "d" DTLS.
 */
export function encryptedDns(
  carrier: "t" | "q" | "d",
  serverPort: number,
  serverName: string | undefined,
  alpns: readonly string[],
): { readonly kind: EncryptedDns; readonly by: EncryptedDnsEvidence } | undefined {
  if (carrier === "d") return undefined;
  const own = carrier === "t" ? "dot" : "doq";
  if (alpns.includes(own)) return { kind: own, by: "alpn" };
  const isHttp = alpns.includes("h2") || alpns.some((alpn) => alpn === "h3" || alpn.startsWith("h3-"));
  if (isHttp && serverName !== undefined && isResolver(serverName)) return { kind: "doh", by: "sni" };
  return serverPort === port && alpns.length === 0 ? { kind: own, by: "port" } : undefined;
}
