/** What a cgroup path says: container and systemd unit. Paths of cgroup v1 and v2, /proc/PID/cgroup (cgroups(7)). */
import type { Container } from "../../model/index.ts";

/** A container id as runtimes write it: 64 hexadecimal digits (12 at least, where shortened). */
const ID = "([0-9a-f]{12,64})";

/** Path patterns, most telling first; group 1 is the id. */
const PATTERNS: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ["docker", new RegExp(`(?:^|/)docker[-/]${ID}(?:\\.scope)?(?:/|$)`)],
  ["podman", new RegExp(`(?:^|/)libpod-(?:payload-)?${ID}(?:\\.scope)?(?:/|$)`)],
  ["containerd", new RegExp(`(?:^|/)cri-containerd-${ID}(?:\\.scope)?(?:/|$)`)],
  ["cri-o", new RegExp(`(?:^|/)crio-${ID}(?:\\.scope)?(?:/|$)`)],
  // systemd driver of containerd: "kubepods-...slice:cri-containerd:ID".
  ["containerd", new RegExp(`:cri-containerd:${ID}(?:/|$)`)],
  ["kubernetes", new RegExp(`(?:^|/)kubepods[^/]*(?:/[^/]+)*/${ID}(?:/|$)`)],
  ["lxc", /(?:^|\/)lxc(?:\.payload)?[./]([A-Za-z0-9_.-]{1,64})(?:\/|$)/],
  ["systemd-nspawn", /(?:^|\/)machine\.slice\/(?:machine-|systemd-nspawn@)([^/]{1,64}?)\.(?:scope|service)(?:\/|$)/],
  ["containerd", new RegExp(`(?:^|/)(?:default|moby|k8s\\.io)/${ID}(?:/|$)`)],
];

/** The container that the path names, the runtime in lower case; undefined when it names none. */
export function containerOf(path: string): Container | undefined {
  if (path.length > 4096) return undefined;
  for (const [runtime, pattern] of PATTERNS) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return { id, runtime };
  }
  return undefined;
}

/** The innermost systemd unit (service or scope) of the path; undefined when there is none. */
export function unitOf(path: string): string | undefined {
  if (path.length > 4096) return undefined;
  const parts = path.split("/");
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] ?? "";
    if (/^[^/]{1,255}\.(?:service|scope)$/.test(part)) return part;
  }
  return undefined;
}

/**
 * Picks the path out of /proc/PID/cgroup: cgroup v2's ("0::PATH") unless it is the root or a v1 hierarchy names a
 * container; else systemd's named hierarchy, else the first that is not the root.
 */
export function parseCgroupFile(text: string): string | undefined {
  let unified: string | undefined;
  let named: string | undefined;
  let other: string | undefined;
  for (const line of text.slice(0, 16_384).split("\n")) {
    const match = /^[0-9]{1,9}:([^:]*):(\/.*)$/.exec(line);
    const path = match?.[2];
    if (path === undefined || path === "/") continue;
    if (match?.[1] === "") unified ??= path;
    else if (match?.[1] === "name=systemd") named ??= path;
    else if (other === undefined || (containerOf(other) === undefined && containerOf(path) !== undefined)) other = path;
  }
  const candidates = [unified, named, other].filter((path) => path !== undefined);
  return candidates.find((path) => containerOf(path) !== undefined) ?? candidates[0];
}
