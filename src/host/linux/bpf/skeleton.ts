/**
 * Runs a light skeleton: a loader program, made by bpftool, that makes the maps and loads the programs of one object
 * inside the kernel. It is all or nothing. DESIGN section 2; the loader's context is that of bpftool's skel_internal.h.
 */
import { readFileSync } from "node:fs";
import { addressOf, bpf, closeDescriptor } from "../system-calls.ts";

/** Names of the built objects, see `bpf/`. */
export type SkeletonName = "core" | "processes" | "inventory" | "actors" | "packet-senders";

interface SkeletonFile {
  readonly maps: readonly string[];
  readonly programs: readonly string[];
  readonly data: string;
  readonly instructions: string;
}

/** Descriptors of what was loaded, by the names in the C source. */
export interface Skeleton {
  readonly maps: ReadonlyMap<string, number>;
  readonly programs: ReadonlyMap<string, number>;
}

export type SkeletonResult =
  | { readonly ok: true; readonly skeleton: Skeleton }
  | { readonly ok: false; readonly reason: string; readonly error: number };

const mapCreate = 0;
const mapUpdate = 2;
const programLoad = 5;
const mapLookupBatch = 24;
const programTestRun = 10;
const syscallProgram = 31;
const sleepable = 1 << 4;
/** struct bpf_loader_ctx, then one struct bpf_map_desc a map, then one int a program. */
const contextHead = 24;
const mapDescription = 16;

const errorNames: Record<number, string> = {
  1: "EPERM: not permitted",
  2: "ENOENT: a kernel type or map is missing",
  3: "ESRCH: a kernel function or type is missing",
  7: "E2BIG: too large for this kernel",
  12: "ENOMEM: no memory",
  13: "EACCES: refused by the verifier",
  22: "EINVAL: not known to this kernel",
  95: "EOPNOTSUPP: not supported by this kernel",
  524: "ENOTSUPP: not supported by this kernel",
};

/** Text for `-errno`, for a person. */
export function errorText(result: number): string {
  return errorNames[-result] ?? `error ${-result}`;
}

class Attribute {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  u32(offset: number, value: number): this {
    this.view.setUint32(offset, value, true);
    return this;
  }

  pointer(offset: number, value: Uint8Array): this {
    this.view.setBigUint64(offset, addressOf(value), true);
    return this;
  }

  text(offset: number, value: string): this {
    this.bytes.set(Buffer.from(value, "latin1"), offset);
    return this;
  }
}

/** Makes the loader's one map, that holds everything the loader needs, and loads the loader itself. */
function prepareLoader(data: Uint8Array, instructions: Uint8Array): { map: number; program: number } {
  const arrayType = 2;
  const creation = new Attribute(72).u32(0, arrayType).u32(4, 4).u32(8, data.length).u32(12, 1);
  const map = bpf(mapCreate, creation.text(28, "__loader.map").bytes);
  if (map < 0) return { map, program: map };
  const key = new Uint8Array(4);
  const update = new Attribute(32).u32(0, map).pointer(8, key).pointer(16, data);
  const updated = bpf(mapUpdate, update.bytes);
  if (updated < 0) return { map, program: updated };
  const license = Buffer.from("Dual BSD/GPL\0");
  const descriptors = new Uint8Array(new Int32Array([map]).buffer);
  const load = new Attribute(128)
    .u32(0, syscallProgram)
    .u32(4, instructions.length / 8)
    .pointer(8, instructions);
  load.pointer(16, license).u32(44, sleepable).text(48, "__loader.prog").pointer(120, descriptors);
  return { map, program: bpf(programLoad, load.bytes) };
}

function readSkeleton(name: SkeletonName): SkeletonFile {
  return JSON.parse(readFileSync(new URL(`built/${name}.json`, import.meta.url), "utf8")) as SkeletonFile;
}

/** A signal that arrives while the verifier works ends it with EAGAIN. */
const interrupted = -11;
const attempts = 10;

/** Loads an object. The caller owns the descriptors. `reason` names the object and what the kernel said. */
export function loadSkeleton(name: SkeletonName): SkeletonResult {
  const file = readSkeleton(name);
  let result = loadOnce(name, file);
  for (let attempt = 1; attempt < attempts && !result.ok && result.error === interrupted; attempt++) {
    result = loadOnce(name, file);
  }
  return result;
}

function loadOnce(name: SkeletonName, file: SkeletonFile): SkeletonResult {
  const loader = prepareLoader(Buffer.from(file.data, "base64"), Buffer.from(file.instructions, "base64"));
  const failure = (error: number): SkeletonResult => ({ ok: false, error, reason: `${name}: ${errorText(error)}` });
  try {
    if (loader.program < 0) return failure(loader.program);
    const size = contextHead + mapDescription * file.maps.length + 4 * file.programs.length;
    const context = new Attribute(size).u32(0, size);
    const run = new Attribute(80).u32(0, loader.program).u32(40, size).pointer(48, context.bytes);
    const ran = bpf(programTestRun, run.bytes);
    const result = ran < 0 ? ran : run.view.getInt32(4, true);
    if (result < 0) return failure(result);
    const programsAt = contextHead + mapDescription * file.maps.length;
    const descriptor = (offset: number): number => context.view.getInt32(offset, true);
    const skeleton: Skeleton = {
      maps: new Map(file.maps.map((map, at) => [map, descriptor(contextHead + mapDescription * at)])),
      programs: new Map(file.programs.map((program, at) => [program, descriptor(programsAt + 4 * at)])),
    };
    return { ok: true, skeleton };
  } finally {
    if (loader.map >= 0) closeDescriptor(loader.map);
    if (loader.program >= 0) closeDescriptor(loader.program);
  }
}

/** Closes descriptors of a skeleton; whoever inherited or mapped them keeps what they have. */
export function closeSkeleton(skeleton: Skeleton): void {
  for (const descriptor of [...skeleton.maps.values(), ...skeleton.programs.values()]) closeDescriptor(descriptor);
}

const linkCreate = 28;
const rawTracepointOpen = 17;
const iteratorCreate = 33;

/** Where a program is attached (enum bpf_attach_type). */
export const attachTypes = {
  count_ingress: 0,
  count_egress: 1,
  socket_created: 2,
  tcp_events: 3,
  connect4: 10,
  connect6: 11,
  sendmsg4: 14,
  sendmsg6: 15,
  socket_released: 34,
} as const;

const traceIterator = 28;

/** Attaches a program to a cgroup beside whatever is there; the link lives as long as its descriptor. */
export function attachCgroup(program: number, cgroup: number, type: number): number {
  return bpf(linkCreate, new Attribute(64).u32(0, program).u32(4, cgroup).u32(8, type).bytes);
}

/** Attaches a `tp_btf` program to its tracepoint; the link lives as long as its descriptor. */
export function attachTracepoint(program: number): number {
  return bpf(rawTracepointOpen, new Attribute(16).u32(8, program).bytes);
}

/** A descriptor whose reading runs an iterator program over everything, once. */
export function openIterator(program: number): number {
  const link = bpf(linkCreate, new Attribute(64).u32(0, program).u32(8, traceIterator).bytes);
  if (link < 0) return link;
  const iterator = bpf(iteratorCreate, new Attribute(8).u32(0, link).bytes);
  closeDescriptor(link);
  return iterator;
}

/** Writes one element; works on an inherited descriptor without privileges (Linux 5.19). */
export function updateElement(map: number, key: Uint8Array, value: Uint8Array, onlyNew: boolean): number {
  const attribute = new Attribute(32)
    .u32(0, map)
    .pointer(8, key)
    .pointer(16, value)
    .u32(24, onlyNew ? 1 : 0);
  return bpf(mapUpdate, attribute.bytes);
}

/**
 * Reads up to `keys.length / keySize` elements of a hash map in one system call. Returns how many, or `-errno`. Works on an
 * inherited descriptor without privileges (Linux 5.19).
 */
export function lookupAll(map: number, keys: Uint8Array, values: Uint8Array, keySize: number): number {
  const attribute = new Attribute(56).pointer(8, new Uint8Array(keySize)).pointer(16, keys).pointer(24, values);
  attribute.u32(32, keys.length / keySize).u32(36, map);
  const result = bpf(mapLookupBatch, attribute.bytes);
  // ENOENT: the map's end was reached, which is what we want.
  return result < 0 && result !== -2 ? result : attribute.view.getUint32(32, true);
}
