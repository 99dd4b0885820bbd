/** Everything the broker opens for the engine, and the level that this makes. Nothing is read from it here. */
import { constants, fstatSync, openSync } from "node:fs";
import { basename } from "node:path";
import { escapeControls } from "../../bytes/index.ts";
import type { LevelReport } from "../../model/index.ts";
import { compileFilter, compileFilterForAll, keepAll } from "./capture-filter.ts";
import { openConntrack } from "./conntrack-socket.ts";
import { readingProblem } from "./file-problems.ts";
import { decideLevel, missingForFull } from "./level.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "./link-type.ts";
import { openPacketRing } from "./packet-ring.ts";
import type { OpenPacketRing, PacketFilter } from "./packet-ring.ts";
import { recordingPrivateSize, recordingReserve } from "./recording-ring.ts";
import { effectiveCapabilities, hasCapability } from "./privileges.ts";
import { closeDescriptor } from "./system-calls.ts";

/** What the command line asks of the host. */
export interface ResourceOptions {
  /** Interfaces to take frames from; empty: all. */
  readonly interfaces: readonly string[];
  /** Capture filter in tcpdump syntax. */
  readonly captureFilter?: string;
  readonly promiscuous?: boolean;
  /** Whole frames are wanted for a file. */
  readonly recording?: { readonly snapLength: number };
  /** Capture files to replay, "-" is standard input: nothing live is opened. */
  readonly replay?: readonly string[];
  readonly sidecars?: SidecarNames;
}

/** Files that tell whose the flows of capture files are. */
export interface SidecarNames {
  /** Named by the person: they must be there. */
  readonly required: readonly string[];
  /** Of each group the first that is there. */
  readonly beside: readonly (readonly string[])[];
}

/** The socket plane as the broker hands it on. `flowFilter` is the program that packet sockets are to run. */
export type OpenedSocketPlane =
  | {
      readonly ok: true;
      readonly descriptors: readonly number[];
      readonly description: object;
      readonly flowFilter?: number;
      readonly missing?: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export interface Resources {
  readonly level: LevelReport;
  readonly socketPlane?: { readonly descriptors: readonly number[]; readonly description: object };
  readonly packetRings: readonly OpenPacketRing[];
  readonly conntrack?: number;
  /** Whole frames of the one interface that was named, else of all. */
  readonly recordingRing?: OpenPacketRing;
  readonly replay?: readonly number[];
  readonly sidecars?: readonly OpenSidecar[];
  /** The capture filter for frames of files, compiled by link type. */
  readonly replayFilters?: ReadonlyMap<number, Uint8Array>;
  /** The capture filter, compiled for Ethernet: selects flows. */
  readonly captureFilter?: Uint8Array;
}

/** Why nothing was opened: one line for a person, and whether it is a mistake in what was typed. */
export interface ResourceFailure {
  readonly problem: string;
  readonly isMistake: boolean;
}

const failure = (problem: string, isMistake = false): ResourceFailure => ({ problem, isMistake });

/** Bytes kept of each frame where no filter in the kernel picks the few that matter: a whole Ethernet frame. */
const SNAP_LENGTH = 1600;
const BLOCK_SIZE = 65_536;

/**
 * The filter of one ring: the flow filter of the socket plane where there is one (what the person asked for then selects
 * flows, see flow-admission.ts), else what the person asked for, else all frames.
 */
function ringFilter(
  name: string,
  options: ResourceOptions,
  flowFilter: number | undefined,
): PacketFilter | ResourceFailure {
  const expression = options.captureFilter;
  if (flowFilter !== undefined) return { kind: "ebpf", fd: flowFilter };
  if (expression === undefined) return { kind: "classic", program: keepAll(SNAP_LENGTH) };
  const compiled =
    name === ""
      ? compileFilterForAll(expression, SNAP_LENGTH)
      : compileFilter(expression, LINKTYPE_ETHERNET, SNAP_LENGTH);
  return "error" in compiled
    ? failure(compiled.error, compiled.isMistake)
    : { kind: "classic", program: compiled.program };
}

function openRing(
  interfaceName: string,
  options: ResourceOptions,
  flowFilter: number | undefined,
): OpenPacketRing | ResourceFailure {
  const filter = ringFilter(interfaceName, options, flowFilter);
  if ("problem" in filter) return filter;
  const ring = openPacketRing({
    interfaceName,
    filter,
    promiscuous: options.promiscuous ?? false,
    // What leaves this machine has a socket, which counts it; looking at it again would slow every sender.
    ignoreOutgoing: filter.kind === "ebpf",
    blockSize: BLOCK_SIZE,
    blockCount: filter.kind === "ebpf" ? 32 : 128,
  });
  return typeof ring === "string" ? failure(ring) : ring;
}

/** Room for a burst: 64 MiB hold a hundredth of a second of the fastest virtual interface, and a second of 500 Mbit/s. */
const RECORDING_BLOCK_SIZE = 1 << 20;
const RECORDING_BLOCKS = 64;

/** The ring of a recording; undefined when none is asked for. */
function openRecording(capabilities: bigint, options: ResourceOptions): OpenPacketRing | ResourceFailure | undefined {
  const { recording, captureFilter, interfaces } = options;
  if (recording === undefined) return undefined;
  if (!hasCapability(capabilities, "net_raw")) {
    return failure("recording frames needs CAP_NET_RAW: run with sudo, or see socklens doctor");
  }
  const [first, second] = interfaces;
  const interfaceName = second === undefined ? (first ?? "") : "";
  const compiled =
    captureFilter === undefined
      ? { program: keepAll(recording.snapLength) }
      : interfaceName === ""
        ? compileFilterForAll(captureFilter, recording.snapLength)
        : compileFilter(captureFilter, LINKTYPE_ETHERNET, recording.snapLength);
  if ("error" in compiled) return failure(compiled.error, compiled.isMistake);
  const ring = openPacketRing({
    interfaceName,
    filter: { kind: "classic", program: compiled.program },
    promiscuous: options.promiscuous ?? false,
    reserve: recordingReserve,
    privateSize: recordingPrivateSize,
    blockSize: RECORDING_BLOCK_SIZE,
    blockCount: RECORDING_BLOCKS,
  });
  return typeof ring === "string" ? failure(ring) : ring;
}

/** Opens one ring for each interface; none if one of them fails. */
function openRings(options: ResourceOptions, flowFilter: number | undefined): OpenPacketRing[] | ResourceFailure {
  const rings: OpenPacketRing[] = [];
  for (const interfaceName of options.interfaces.length > 0 ? options.interfaces : [""]) {
    const ring = openRing(interfaceName, options, flowFilter);
    if ("problem" in ring) {
      for (const opened of rings) closeDescriptor(opened.fd);
      return ring;
    }
    rings.push(ring);
  }
  return rings;
}

/** Link types of files that a capture filter is compiled for. */
const filteredLinkTypes = [0, 1, 9, 50, 101, 105, 108, 113, 127, 276] as const;
/** Numbers under which raw IP is also written. */
const rawLinkTypes = [12, 14, 228, 229] as const;

/** Programs by link type. A link type that the expression means nothing to has none: nothing matches there. */
function compileForFiles(expression: string): ReadonlyMap<number, Uint8Array> | ResourceFailure {
  const programs = new Map<number, Uint8Array>();
  let failed: ResourceFailure | undefined;
  for (const linkType of filteredLinkTypes) {
    const filter = compileFilter(expression, linkType);
    if ("program" in filter) programs.set(linkType, filter.program);
    // What is said of Ethernet is what a person expects.
    else if (failed === undefined || linkType === LINKTYPE_ETHERNET) failed = failure(filter.error, filter.isMistake);
  }
  if (programs.size === 0 && failed !== undefined) return failed;
  const raw = programs.get(LINKTYPE_RAW);
  if (raw !== undefined) for (const linkType of rawLinkTypes) programs.set(linkType, raw);
  return programs;
}

/** A file that tells whose the flows of a capture are. */
export interface OpenSidecar {
  readonly fd: number;
  /** For messages. */
  readonly name: string;
}

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
/** Of a sidecar's name that goes to the engine: there may be hundreds. */
const longestName = 100;

/** What is there; a text says which one of `required` cannot be read. */
function openSidecars({ beside, required }: SidecarNames): OpenSidecar[] | string {
  const opened: OpenSidecar[] = [];
  const failed = (path: string, reason: string): string => {
    for (const { fd } of opened) closeDescriptor(fd);
    return `cannot read ${escapeControls(path)}: ${reason}`;
  };
  for (const path of required) {
    const fd = openPlainFile(path);
    if (typeof fd === "string") return failed(path, fd);
    opened.push({ fd, name: basename(path).slice(0, longestName) });
  }
  for (const names of beside) {
    for (const path of names) {
      const fd = openPlainFile(path);
      if (typeof fd === "string") continue;
      opened.push({ fd, name: basename(path).slice(0, longestName) });
      break;
    }
  }
  return opened;
}

/** A FIFO or a device would hold up whoever reads it. */
function openPlainFile(path: string): number | string {
  try {
    const fd = openSync(path, O_RDONLY | O_NONBLOCK);
    if (fstatSync(fd).isFile()) return fd;
    closeDescriptor(fd);
    return "it is not a plain file";
  } catch (error) {
    return readingProblem(error);
  }
}

/** A file, or a pipe that somebody writes to: then this waits for the writer. */
function openCapture(path: string): number | string {
  try {
    const fd = openSync(path, O_RDONLY | O_NOCTTY);
    if (!fstatSync(fd).isDirectory()) return fd;
    closeDescriptor(fd);
    return "it is a directory";
  } catch (error) {
    return readingProblem(error);
  }
}

function openReplay(
  paths: readonly string[],
  expression: string | undefined,
  sidecarNames: SidecarNames | undefined,
): Resources | ResourceFailure {
  const filters = expression === undefined ? undefined : compileForFiles(expression);
  if (filters !== undefined && "problem" in filters) return filters;
  const replay: number[] = [];
  for (const path of paths) {
    const descriptor = path === "-" ? 0 : openCapture(path);
    if (typeof descriptor === "string") {
      for (const opened of replay) if (opened > 0) closeDescriptor(opened);
      return failure(`cannot read ${escapeControls(path)}: ${descriptor}`);
    }
    replay.push(descriptor);
  }
  const sidecars = openSidecars(sidecarNames ?? { beside: [], required: [] });
  if (typeof sidecars === "string") {
    for (const descriptor of replay) if (descriptor > 0) closeDescriptor(descriptor);
    return failure(sidecars);
  }
  return {
    level: { level: "replay", missing: [] },
    packetRings: [],
    replay,
    ...(sidecars.length > 0 && { sidecars }),
    ...(filters && { replayFilters: filters }),
  };
}

/** Frames are wanted by name or filter: then a failure is the person's to know, not a lower level. */
const asksForFrames = (options: ResourceOptions): boolean =>
  options.interfaces.length > 0 || options.captureFilter !== undefined;

/** The wire plane's rings, or why there are none. */
function openWirePlane(
  capabilities: bigint,
  options: ResourceOptions,
  plane: OpenedSocketPlane,
): OpenPacketRing[] | ResourceFailure {
  if (!hasCapability(capabilities, "net_raw")) {
    return failure("frames need CAP_NET_RAW: run with sudo, or see socklens doctor");
  }
  return openRings(options, plane.ok ? plane.flowFilter : undefined);
}

/**
 * Opens what the process may open. A failure ends the program (an unknown interface, a bad filter, a file that cannot
 * be read); what merely lowers the level is in the level's report.
 */
export function openResources(
  options: ResourceOptions,
  openSocketPlane: () => OpenedSocketPlane,
): Resources | ResourceFailure {
  if (options.replay !== undefined) return openReplay(options.replay, options.captureFilter, options.sidecars);
  const capabilities = effectiveCapabilities();
  const lacking = missingForFull(capabilities);
  // A mistake in what was typed is told before anything is loaded.
  const early = asksForFrames(options) ? openWirePlane(capabilities, options, { ok: false, reason: "" }) : [];
  if ("problem" in early) return early;
  for (const ring of early) closeDescriptor(ring.fd);
  const recordingRing = openRecording(capabilities, options);
  if (recordingRing !== undefined && "problem" in recordingRing) return recordingRing;
  const plane: OpenedSocketPlane =
    lacking.length > 0 ? { ok: false, reason: `without ${lacking.join(", ")}` } : openSocketPlane();
  const missing = plane.ok ? [...(plane.missing ?? [])] : [];
  const rings = openWirePlane(capabilities, options, plane);
  const wireProblem = "problem" in rings ? rings.problem : undefined;
  let conntrack: number | undefined;
  if (hasCapability(capabilities, "net_admin")) {
    const opened = openConntrack();
    if (opened >= 0) conntrack = opened;
    else missing.push(`address translation: errno ${-opened}`);
  }
  const socketProblem = plane.ok ? undefined : plane.reason;
  const filter =
    options.captureFilter === undefined ? undefined : compileFilter(options.captureFilter, LINKTYPE_ETHERNET);
  if (filter !== undefined && "error" in filter) return failure(filter.error, filter.isMistake);
  return {
    level: decideLevel(capabilities, { socketPlane: socketProblem, wirePlane: wireProblem, missing }),
    packetRings: "problem" in rings ? [] : rings,
    ...(plane.ok ? { socketPlane: { descriptors: plane.descriptors, description: plane.description } } : {}),
    ...(conntrack === undefined ? {} : { conntrack }),
    ...(filter === undefined ? {} : { captureFilter: filter.program }),
    ...(recordingRing === undefined ? {} : { recordingRing }),
  };
}
