import type { Message } from "../converse.ts";

/** A conversation that begins like one of `isNot`, and breaks a rule of its specification. */
export interface Lookalike {
  readonly title: string;
  readonly isNot: string;
  readonly transport: "tcp" | "udp";
  /** The port of `isNot`: not even there is it believed. */
  readonly serverPort: number;
  readonly messages: readonly Message[];
}
