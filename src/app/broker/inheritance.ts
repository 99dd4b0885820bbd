/**
 * What the broker hands to the engine when it starts it: descriptors, by number, and what they are. Travels as one
 * JSON text in the environment; `src/app/engine/inherited.ts` reads it, and trusts it no
 * further than its shape.
 */
import type { DropTarget } from "../../host/linux/privileges.ts";
import type { Level } from "../../model/index.ts";

/** Name of the environment variable. */
export const INHERITANCE = "SOCKLENS_INHERITANCE";

/** Interfaces that one run may be told to look at. */
export const PACKET_RINGS_LIMIT = 64;

/** A packet socket, bound, with its ring set up; the engine only maps it. */
export interface PacketRingDescription {
  readonly fd: number;
  /** 0: all interfaces. */
  readonly interfaceIndex: number;
  /** The name asked for, for an interface that comes and goes; empty: all. */
  readonly interfaceName: string;
  readonly blockSize: number;
  readonly blockCount: number;
}

export interface Inheritance {
  readonly level: Level;
  readonly reason?: string;
  readonly missing: readonly string[];
  readonly target: DropTarget;
  /** Stream socket to the broker: requests and answers. */
  readonly control: number;
  /** Stream socket that says nothing: its end means that the broker is gone. */
  readonly lifeline: number;
  /** The socket plane's descriptors in the order its description counts them. */
  readonly socketPlane?: { readonly descriptors: readonly number[]; readonly description: object };
  readonly packetRings: readonly PacketRingDescription[];
  /** Netlink socket subscribed to address translations. */
  readonly conntrack?: number;
  /** The configuration file of the screen, and its path for messages. */
  readonly configuration?: { readonly fd: number; readonly path: string };
  /** What the screen remembered at the end of an earlier run. */
  readonly state?: number;
  /** The capture files to replay. */
  readonly replay?: readonly number[];
  /** The files that tell whose their flows are. */
  readonly sidecars?: readonly { readonly fd: number; readonly name: string }[];
  /** The capture filter for their frames by link type, in base64. */
  readonly replayFilters?: Readonly<Record<string, string>>;
  /** The compiled capture filter, in base64. */
  readonly captureFilter?: string;
  /** Whole frames, and the files they are written to. */
  readonly recording?: {
    readonly ring: PacketRingDescription;
    readonly files: readonly number[];
    /** The files beside them. */
    readonly sidecars?: readonly number[];
  };
  /** What a conversion writes, and reads beside the captures (null: there is nothing). */
  readonly convert?: {
    readonly output: number;
    readonly beside?: number;
    readonly sidecars: readonly (number | null)[];
    readonly key?: number;
  };
}
