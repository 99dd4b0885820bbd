import type { Expression, Value } from "./expression.ts";

/** The canonical text of an expression: `parse(print(e))` is `e` again, but for positions. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case "all":
      return "";
    case "and":
      return expression.operands.map((operand) => operandText(operand)).join(" and ");
    case "or":
      return expression.operands.map((operand) => operandText(operand)).join(" or ");
    case "not":
      return `not ${operandText(expression.operand)}`;
    case "term": {
      const head = expression.field === undefined ? "" : expression.field + expression.operator;
      return head + expression.values.map((value) => valueText(value)).join(",");
    }
  }
}

const operandText = (operand: Expression): string =>
  operand.kind === "and" || operand.kind === "or" ? `(${print(operand)})` : print(operand);

/** A value as it is typed. */
export function valueText(value: Value): string {
  if (value.kind === "regex") return `/${value.source}/`;
  return value.quoted ? quote(value.text) : value.text;
}

/** `text` within quotes, whatever it holds. */
export const quote = (text: string): string => `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
