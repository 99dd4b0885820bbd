import type { Field } from "./field.ts";
import { fields } from "./fields.ts";
import { unitHint } from "./quantity.ts";

/** One line of the field reference, for documentation, the man page and the help of the screen. */
export interface FieldReference {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly example: string;
}

const detail = (field: Field): string => {
  switch (field.kind) {
    case "number":
      return field.unit === "count" ? "" : `; ${unitHint[field.unit]}`;
    case "flag":
      return `: ${[...field.flags].map(([name, flag]) => `${name} (${flag.summary})`).join(", ")}`;
    case "text":
    case "address":
      return "";
  }
};

/** All fields with their other names, what they ask, and an example. */
export function fieldReference(): readonly FieldReference[] {
  return fields.map((field) => ({
    name: field.name,
    aliases: field.aliases,
    summary: `${field.summary.replace(/,? (is|are|contains|is named|is registered in)$/, "")}${detail(field)}`,
    example: field.example,
  }));
}

/** The grammar in a few lines, for documentation and help. */
export const languageReference: readonly string[] = [
  "Terms side by side must all match; and, or, not (also &&, ||, !) and parentheses combine them.",
  "A word alone is looked for in everything that a row shows, in names also with letters left out (frfx finds firefox; not in quotes, nor after not). Text ignores case; quotes keep spaces.",
  "field:value contains the text or equals the number; field=value equals; field!=value does not.",
  "field:a,b is either; port:1000-2000 is a range; > >= < <= compare; * in a value stands for any text.",
  "/expression/ is a regular expression, alone or as a value. dst:10.0.0.0/8 is a prefix.",
];
