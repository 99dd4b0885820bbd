import type { Message } from "./converse.ts";

/** A conversation made by hand after a specification, and what is to be found in it. */
export interface Example {
  readonly title: string;
  readonly transport: "tcp" | "udp";
  /** Where the protocol usually listens. */
  readonly serverPort: number;
  /** Where it speaks from, if that matters. */
  readonly clientPort?: number;
  readonly messages: readonly Message[];
  readonly name: string;
  /** All facts, exactly. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hostname?: string;
  /** Its structure is too weak to be believed on any other port. */
  readonly needsPort?: boolean;
}
