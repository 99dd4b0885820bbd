import type { Inheritance } from "../broker/inheritance.ts";
import type { RecordingSource } from "../record/run-record.ts";
import type { BrokerClient } from "./broker-client.ts";
import type { ConvertSource } from "./run-conversion.ts";

/** What a command of the engine has: all of it comes from the broker. */
export interface EngineContext {
  /** Descriptors of both planes, and the level that they make. */
  readonly planes: Pick<Inheritance, "level" | "reason" | "missing" | "packetRings" | "conntrack" | "socketPlane">;
  /** Aborted when the program is to end; the command ends soon after. */
  readonly stop: AbortSignal;
  /** Descriptors of the capture files to replay. */
  readonly replay: readonly number[] | undefined;
  /** Files that tell whose their flows are. */
  readonly sidecars: readonly { readonly fd: number; readonly name: string }[] | undefined;
  /** Capture filter for their frames by link type, in base64. */
  readonly replayFilters: Readonly<Record<string, string>> | undefined;
  /** The capture filter as the broker compiled it, in base64. */
  readonly captureFilter: string | undefined;
  /** The configuration file of the screen. */
  readonly configuration: { readonly fd: number; readonly path: string } | undefined;
  /** What the screen remembered at the end of an earlier run. */
  readonly state: number | undefined;
  /** What the broker opened for a recording. */
  readonly recording: RecordingSource | undefined;
  /** What the broker opened for a conversion. */
  readonly convert: ConvertSource | undefined;
  /** Writes files and reaches the clipboard: the engine may not. */
  readonly broker: BrokerClient;
  /** Stops the whole job for the shell, as Ctrl-Z does; returns when it goes on. */
  readonly suspend: () => void;
}
