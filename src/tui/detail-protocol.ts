import type { ApplicationEvidence } from "../model/index.ts";
import type { CardFields, DetailSubject } from "./detail-field.ts";
import type { MessageKey } from "./messages.ts";

const factsLimit = 200;
const depthLimit = 4;

/** What a claim about the protocol rests on, in a few words. */
const evidences: Readonly<Record<ApplicationEvidence, MessageKey>> = {
  payload: "byPayload",
  port: "byPortNumber",
  inferred: "byInference",
};

/** What the connection speaks and every fact of it, under its name in the JSON contract. */
export function protocolFields({ row: { application } }: DetailSubject, to: CardFields): void {
  if (application === undefined) return;
  const { messages } = to;
  to.add(messages.cardProtocol, application.name, { role: "application", note: messages[evidences[application.by]] });
  to.add(messages.fieldOriginally, application.originally);
  flatten(application.facts, "", 0, { left: factsLimit }, to);
}

/** Facts of any shape, as fields; what is too deep or too many is left out. */
function flatten(value: unknown, name: string, depth: number, budget: { left: number }, to: CardFields): void {
  if (value === null || value === undefined || depth > depthLimit || budget.left-- <= 0) return;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    to.add(name, value);
  } else if (Array.isArray(value)) {
    const items: readonly unknown[] = value.slice(0, factsLimit);
    if (items.every((item) => typeof item === "string" || typeof item === "number")) to.add(name, items.join(", "));
    else items.forEach((item, i) => flatten(item, `${name}[${i}]`, depth + 1, budget, to));
  } else if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value).slice(0, factsLimit)) {
      flatten(inner, name === "" ? key : `${name}.${key}`, depth + 1, budget, to);
    }
  }
}
