/**
 * The privileged half of the socket plane: loads and attaches, in the broker, and gives descriptors of maps and
 * iterators to the engine. What attaches lives in links that only the broker holds: when it dies, they are gone.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { closeDescriptor } from "../system-calls.ts";
import { initialiseControl } from "./flow-table.ts";
import {
  attachCgroup,
  attachTracepoint,
  attachTypes,
  closeSkeleton,
  errorText,
  loadSkeleton,
  openIterator,
  type Skeleton,
} from "./skeleton.ts";

/** What the engine inherits: `names[i]` tells what the i-th descriptor is. */
export interface SocketPlaneDescription {
  readonly names: readonly string[];
}

export type OpenedSocketPlane =
  | {
      readonly ok: true;
      readonly descriptors: number[];
      readonly description: SocketPlaneDescription;
      /** The packet filter of the wire plane, to be attached to packet sockets by the broker. */
      readonly flowFilter: number;
      /** Optional parts that are not there, each with why. */
      readonly missing: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** Directory where cgroup v2 is mounted, from /proc/self/mounts; undefined when it is not. */
export function cgroupRoot(mounts = readFileSync("/proc/self/mounts", "utf8")): string | undefined {
  for (const line of mounts.split("\n")) {
    const [, directory, type] = line.split(" ");
    if (type === "cgroup2") return directory?.replaceAll("\\040", " ");
  }
  return undefined;
}

function attachCore(core: Skeleton, cgroup: number): string | undefined {
  for (const [name, type] of Object.entries(attachTypes)) {
    const link = attachCgroup(core.programs.get(name) ?? -1, cgroup, type);
    if (link < 0) return `core: attaching ${name}: ${errorText(link)}`;
  }
  return undefined;
}

function attachTracepoints(skeleton: Skeleton, name: string): string | undefined {
  const links: number[] = [];
  for (const [program, descriptor] of skeleton.programs) {
    const link = attachTracepoint(descriptor);
    if (link < 0) {
      links.forEach(closeDescriptor);
      return `${name}: attaching ${program}: ${errorText(link)}`;
    }
    links.push(link);
  }
  return undefined;
}

class Parts {
  readonly names: string[] = [];
  readonly descriptors: number[] = [];
  readonly missing: string[] = [];

  add(name: string, descriptor: number | undefined): void {
    if (descriptor === undefined || descriptor < 0) return;
    this.names.push(name);
    this.descriptors.push(descriptor);
  }

  /** An optional object whose programs hang on tracepoints; its absence is noted, not fatal. */
  addTraced(name: "processes" | "actors" | "packet-senders", what: string, maps: readonly string[]): void {
    const loaded = loadSkeleton(name);
    const failure = loaded.ok ? attachTracepoints(loaded.skeleton, name) : loaded.reason;
    if (!loaded.ok || failure !== undefined) {
      this.missing.push(`${what} (${failure})`);
      if (loaded.ok) closeSkeleton(loaded.skeleton);
      return;
    }
    for (const map of maps) this.add(map, loaded.skeleton.maps.get(map));
  }

  /** The iterators are opened last: they then see everything that the hooks did not. */
  addInventory(): void {
    const loaded = loadSkeleton("inventory");
    if (!loaded.ok) {
      this.missing.push(`owners of older sockets (${loaded.reason})`);
      return;
    }
    for (const [program, descriptor] of loaded.skeleton.programs) this.add(program, openIterator(descriptor));
    closeSkeleton(loaded.skeleton);
  }
}

/** Loads everything this kernel takes. Fails, with one line why, only when the core cannot be had. */
export function openSocketPlane(): OpenedSocketPlane {
  const directory = cgroupRoot();
  if (directory === undefined) return { ok: false, reason: "no cgroup v2 is mounted" };
  const loaded = loadSkeleton("core");
  if (!loaded.ok) return loaded;
  const core = loaded.skeleton;
  const map = (name: string): number => core.maps.get(name) ?? -1;
  if (!initialiseControl(map("controls"))) return { ok: false, reason: "core: control map cannot be mapped" };
  const parts = new Parts();
  for (const name of ["flows", "controls", "dirty", "vacant", "old_sockets", "local_addresses", "samples"]) {
    parts.add(name, map(name));
  }
  // Before the core attaches: a process that opens a socket later is known from its first moment.
  parts.addTraced("processes", "process events", ["events", "event_losses"]);
  parts.addTraced("actors", "acting processes", ["actions"]);
  parts.addTraced("packet-senders", "senders of raw frames", ["senders", "sender_activity"]);
  const cgroup = openSync(directory, "r");
  const failure = attachCore(core, cgroup);
  closeSync(cgroup);
  if (failure !== undefined) return { ok: false, reason: failure };
  parts.addInventory();
  const { names, descriptors, missing } = parts;
  const flowFilter = core.programs.get("packet_filter") ?? -1;
  return { ok: true, descriptors, description: { names }, flowFilter, missing };
}
