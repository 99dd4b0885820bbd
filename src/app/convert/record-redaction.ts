/**
 * Flow records without what tells who was there: addresses and names become pseudonyms, the same ones as in the frames; what
 * is not known to be harmless is left out.
 */
import { type Fields, isFields } from "../../export/index.ts";
import { parseAddress } from "../../model/index.ts";
import type { Pseudonyms } from "../../redact/index.ts";

/** Numbers, times and words of a fixed vocabulary. */
const harmless = [
  "timestamp",
  "flow_id",
  "event_type",
  "vlan",
  "src_port",
  "dest_port",
  "proto",
  "app_proto",
  "app_proto_by",
  "app_proto_hint",
  "app_proto_orig",
  "app_proto_alt",
  "attribution",
  "direction",
  "hostname_source",
  "network_namespace",
] as const;
/** Objects that hold only such values. */
const harmlessObjects = ["flow", "tcp"] as const;

/** Names that drivers and systems give; one that a person gave may say whose it is. */
const systemInterface =
  /^(?:lo|any|(?:eth|en|eno|ens|wlan|wl|br|docker|virbr|tun|tap|wg|ppp|bond|team|dummy|vlan|utun|sit|gre|wwan|usb|awdl|bridge|lo)\d{1,5}|en[po]\d+s\d+(?:f\d+)?(?:d\d+)?(?:np\d+)?|wl[po]\d+s\d+(?:f\d+)?)$/;

/** The name of an interface as it may be told. */
export const interfacePseudonym = (name: string, pseudonyms: Pseudonyms): string =>
  systemInterface.test(name) ? name : pseudonyms.name("interface", name);

/** Directories whose programs are the system's. */
const systemPath = /^\/(?:usr|bin|sbin|lib|lib64|opt|snap)\/[\w./+-]*$/;
const systemUnit = /^[a-z][a-z0-9-]{1,40}\.service$/;

/** A short text of a fixed vocabulary, a number, or a list of them; never an address, whoever wrote it. */
function plain(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return isPlain(value) ? value : undefined;
  return Array.isArray(value) ? value.slice(0, 64).map((one: unknown) => plain(one)) : undefined;
}

const isPlain = (text: string): boolean => /^[\w.:+-]{1,64}$/.test(text) && parseAddress(text) === undefined;

/** Numbers and short words of an object, and of objects in it. */
function plainObject(value: unknown, depth = 3): unknown {
  if (!isFields(value) || depth === 0) return undefined;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    isFields(one) ? plainObject(one, depth - 1) : plain(one),
  ]);
  return Object.fromEntries(entries.filter(([name, one]) => one !== undefined && /^[a-z]\w{0,40}$/.test(String(name))));
}

/** What a process is called; the kernel's name for it is at most 15 bytes. */
const processName = (value: unknown): string | undefined =>
  typeof value === "string" && value.length <= 64 ? value : undefined;

function relative(value: unknown): Fields | undefined {
  if (!isFields(value)) return undefined;
  const [pid, name] = [value["pid"], processName(value["name"])];
  return typeof pid === "number" && name !== undefined ? { pid, name } : undefined;
}

/** The number stands for the id as the name does. */
function user(value: unknown, pseudonyms: Pseudonyms): Fields | undefined {
  if (!isFields(value) || typeof value["id"] !== "number") return undefined;
  if (value["id"] === 0) return { id: 0, name: "root" };
  const name = pseudonyms.name("user", String(value["id"]));
  return { id: 100_000 + (Number.parseInt(name.slice(-6), 16) || 0), name };
}

function container(value: unknown, pseudonyms: Pseudonyms): Fields | undefined {
  if (!isFields(value) || typeof value["id"] !== "string") return undefined;
  const { id, name, runtime } = value;
  return {
    id: pseudonyms.name("container", id),
    runtime: plain(runtime) ?? "unknown",
    ...(typeof name === "string" && { name: pseudonyms.name("container", name) }),
  };
}

function redactProcess(value: unknown, pseudonyms: Pseudonyms): Fields | undefined {
  const own = relative(value);
  if (own === undefined || !isFields(value)) return undefined;
  const { executable, service, ancestors } = value;
  const parts: Record<string, unknown> = {
    ...own,
    start: plain(value["start"]),
    parent: relative(value["parent"]),
    user: user(value["user"], pseudonyms),
    container: container(value["container"], pseudonyms),
  };
  if (typeof executable === "string" && systemPath.test(executable)) parts["executable"] = executable;
  if (Array.isArray(ancestors)) parts["ancestors"] = ancestors.slice(0, 16).map((one: unknown) => relative(one));
  if (typeof service === "string")
    parts["service"] = systemUnit.test(service) ? service : pseudonyms.name("unit", service);
  return Object.fromEntries(Object.entries(parts).filter(([, one]) => one !== undefined));
}

/** A flow record as it may be given away. */
export function redactFlowFields(record: Fields, pseudonyms: Pseudonyms): Fields {
  const out: Record<string, unknown> = {};
  for (const name of harmless) out[name] = plain(record[name]);
  for (const name of harmlessObjects) out[name] = plainObject(record[name]);
  for (const name of ["src_ip", "dest_ip"]) {
    const text = record[name];
    if (typeof text === "string") out[name] = pseudonyms.addressText(text);
  }
  const { in_iface: interfaceName, ether, hostname, app_hostname: asked } = record;
  if (typeof interfaceName === "string") out["in_iface"] = interfacePseudonym(interfaceName, pseudonyms);
  if (isFields(ether)) {
    const mac = (text: unknown): string | undefined =>
      typeof text === "string" ? pseudonyms.macText(text) : undefined;
    out["ether"] = { src_mac: mac(ether["src_mac"]), dest_mac: mac(ether["dest_mac"]) };
  }
  if (typeof hostname === "string") out["hostname"] = pseudonyms.host(hostname);
  if (typeof asked === "string") out["app_hostname"] = pseudonyms.host(asked);
  out["process"] = redactProcess(record["process"], pseudonyms);
  return Object.fromEntries(Object.entries(out).filter(([, one]) => one !== undefined));
}
