import { inspect } from "node:util";
import type { TestEvent } from "node:test/reporters";

/** One finished test or suite, as this reporter writes it: one JSON object a line. */
export interface TestRecord {
  /** Its own name after the names of what encloses it. */
  readonly name: string;
  readonly kind: "test" | "suite";
  readonly outcome: "pass" | "fail" | "skip";
  /** Why it was skipped ("" when the test gave no reason), or how it failed. */
  readonly detail: string;
  /** Failed only because something inside it did. */
  readonly inherited: boolean;
}

type Finished = Extract<TestEvent, { type: "test:pass" | "test:fail" }>;

function describeError(error: Error): { detail: string; inherited: boolean } {
  const inherited = "failureType" in error && error.failureType === "subtestsFailed";
  const cause = error.cause ?? error;
  return {
    detail: cause instanceof Error ? inspect(cause, { depth: 3 }) : typeof cause === "string" ? cause : inspect(cause),
    inherited,
  };
}

function toRecord(event: Finished, name: string): TestRecord {
  const { details, skip, todo } = event.data;
  const kind = details.type ?? "test";
  if (event.type === "test:fail") return { name, kind, outcome: "fail", ...describeError(event.data.details.error) };
  if (todo !== undefined) return { name, kind, outcome: "fail", detail: "marked todo", inherited: false };
  if (skip === undefined || skip === false) return { name, kind, outcome: "pass", detail: "", inherited: false };
  return { name, kind, outcome: "skip", detail: skip === true ? "" : skip.trim(), inherited: false };
}

/** A reporter of node:test for another program to read. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names = new Map<number, string>();
  for await (const event of events) {
    if (event.type === "test:start") {
      const { testId, parentId, name } = event.data;
      const outer = parentId === undefined ? undefined : names.get(parentId);
      names.set(testId, outer === undefined ? name : `${outer} > ${name}`);
    } else if (event.type === "test:pass" || event.type === "test:fail") {
      yield `${JSON.stringify(toRecord(event, names.get(event.data.testId) ?? event.data.name))}\n`;
    }
  }
}
