import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Message } from "./converse.ts";

/** A conversation made by hand after a specification, and what is to be found in it. */
export interface Example {
  readonly title: string;
  readonly transport: "tcp" | "udp";
  /** Where the protocol usually listens. */
  readonly serverPort: number;
  readonly messages: readonly Message[];
  readonly name: string;
  /** All facts, exactly. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hostname?: string;
  /** Its structure is too weak to be believed on any other port. */
  readonly needsPort?: boolean;
}

const directory = join(import.meta.dirname, "examples");

/** All examples, by the file that holds them. */
export async function readExamples(): Promise<ReadonlyMap<string, readonly Example[]>> {
  const found = new Map<string, readonly Example[]>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".ts"))) {
    const module = (await import(join(directory, file))) as { examples: readonly Example[] };
    found.set(file.replace(/\.ts$/, ""), module.examples);
  }
  return found;
}
