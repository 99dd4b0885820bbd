import type { Aliases } from "./aliases.ts";

/** Stands for text that may hold anything. */
export const hidden = "hidden";

const mac = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi;
const ipv4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
/** Runs that hold at least two colons; `isIpv6` decides. */
const ipv6 = /(?<![\w:.])[0-9a-f:.]*:[0-9a-f.]*:[0-9a-f:.]*(?!\w)/gi;

const isIpv4 = (text: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);
const isIpv6 = (text: string): boolean =>
  /[0-9a-f]/i.test(text) && (text.includes("::") || text.replace(/:\d+\.[\d.]+$/, ":0:0").split(":").length === 8);
const isMac = (text: string): boolean => /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text);
const isHost = (text: string): boolean => /^[\w-]+(?:\.[\w-]+)+\.?$/.test(text) && !/^[\d.]+$/.test(text);

/** Addresses in running text; the rest stays. */
export function scrubAddresses(text: string, aliases: Aliases): string {
  if (!/[.:-]/.test(text)) return text;
  return text
    .replace(mac, (found) => aliases.mac(found))
    .replace(ipv6, (found) => {
      // What ends a sentence is no part of it.
      const [, address = "", end = ""] = /^(.*?)((?<!:):|\.*)$/.exec(found) ?? [];
      return isIpv6(address) ? aliases.address(address) + end : found;
    })
    .replace(ipv4, (found) => aliases.address(found));
}

/** A path with users' names out of it: homes, and names that are known to be users'. */
export function scrubPath(path: string, aliases: Aliases): string {
  const parts = path.split("/");
  return parts
    .map((part, at) => {
      const before = parts[at - 1];
      const home = (before === "home" || before === "Users") && part !== "";
      const runtime = before === "user" && /^\d+$/.test(part);
      return home || runtime || aliases.isUser(part) ? aliases.user(part) : part;
    })
    .join("/");
}

/** A systemd unit or cgroup path: ids of users and what was made from a template (`ssh@1-192.0.2.1:22`). */
export const scrubUnit = (text: string, aliases: Aliases): string =>
  scrubPath(text, aliases)
    .replace(
      /\buser([-@])(\d+)/g,
      (_, mark: string, id: string) => `user${mark}${aliases.user(id).replace("user-", "")}`,
    )
    .replace(/@(?!\d+\.service)[^/]*(?=\.(?:service|socket|scope))/g, `@${hidden}`);

/** Facts whose texts are words of the protocol, not of the people who speak it. */
const safe = new Set(
  (
    "version cipher_suite client_alpns server_alpn http_method status protocol proto_version protocol_version " +
    "client_protocol_version server_protocol_version software_version software rrtype rcode ja3 ja3s ja4 type " +
    "request_type msg_type dhcp_type operation pdu_type function code command method mode encoding dialect state " +
    "transport upgrade notbefore notafter packet stream control_channel request opcode class kind " +
    "encrypted_dns encrypted_dns_by reply interface posting records samples options"
  ).split(" "),
);
const hostFacts = new Set(
  "sni hostname host rrname server_name domain from to helo realm target subject_alternative_names".split(" "),
);
const userFacts = new Set("user username user_name login account".split(" "));

/** A fact of an application protocol, with everything hidden that is not known to be harmless. */
export function scrubFact(key: string, value: unknown, aliases: Aliases, depth = 8): unknown {
  if (typeof value === "string") return scrubText(key, value, aliases);
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => scrubFact(key, item, aliases, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, scrubFact(name, item, aliases, depth - 1)]),
  );
}

function scrubText(key: string, text: string, aliases: Aliases): string {
  if (text === "") return text;
  if (isIpv4(text)) return aliases.address(text);
  if (isMac(text)) return aliases.mac(text);
  if (/^[0-9a-f:.]+$/i.test(text) && text.includes(":") && isIpv6(text)) return aliases.address(text);
  if (safe.has(key)) return safeText(text, aliases);
  if (userFacts.has(key)) return aliases.user(text);
  if (hostFacts.has(key)) return aliases.host(text);
  return isHost(text) ? aliases.host(text) : hidden;
}

/** A protocol's word is short and simple; anything else under such a key is not one. */
function safeText(text: string, aliases: Aliases): string {
  if (text.length > 64 || !/^[\w .,:;+*/()'-]*$/.test(text)) return hidden;
  return scrubAddresses(text, aliases);
}
