import { unknown, type Path, type Problems } from "./problems.ts";
import type { Kind, Value } from "./schema.ts";

/** What is wrong with a value; undefined when nothing is. */
export function valueProblem(type: Kind, value: unknown): string | undefined {
  switch (type.kind) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "must be true or false";
    case "integer":
    case "number": {
      const fits = typeof value === "number" && value >= type.least && value <= type.most;
      const whole = type.kind === "number" || Number.isInteger(value);
      if (fits && whole) return undefined;
      return `must be a${type.kind === "integer" ? " whole" : ""} number from ${type.least} to ${type.most}`;
    }
    case "word":
      if (typeof value !== "string") return `must be one of ${type.words.map((word) => `"${word}"`).join(", ")}`;
      return type.words.includes(value) ? undefined : unknown("value", value, type.words);
    case "words":
      if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) return "must be an array of texts";
      return undefined;
    case "text": {
      if (typeof value !== "string") return "must be a text in quotes";
      if (value.length > type.most) return `must have at most ${type.most} characters`;
      if (/\p{Cc}/u.test(value)) return "must not hold control characters";
      const wrong = type.check?.(value);
      return wrong;
    }
  }
}

/** The value where it is right; else it is reported. */
export function checkValue(problems: Problems, path: Path, type: Kind, value: unknown): Value | undefined {
  const wrong = valueProblem(type, value);
  if (wrong !== undefined) {
    problems.value(path, `${String(path.at(-1))}: ${wrong}`);
    return undefined;
  }
  if (type.kind !== "words") return value as Value;
  const words = value as readonly string[];
  words.forEach((word, index) => {
    if (!type.words.includes(word)) problems.value([...path, index], unknown("value", word, type.words));
    else if (words.indexOf(word) !== index) problems.value([...path, index], `"${word}" stands here twice`);
  });
  return words;
}
