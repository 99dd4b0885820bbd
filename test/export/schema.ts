/** The part of JSON Schema 2020-12 that docs/flow.schema.json uses; a keyword it does not know is a failure. */
type Schema = Readonly<Record<string, unknown>>;

const annotations = new Set(["$schema", "$defs", "title", "description"]);

/** Problems of `value` against `schema`, each with its path; none when it is valid. */
export function validate(root: Schema, schema: Schema, value: unknown, path = "$"): string[] {
  const problems: string[] = [];
  for (const [keyword, argument] of Object.entries(schema)) {
    if (annotations.has(keyword)) continue;
    const check = checks[keyword];
    if (check === undefined) throw new Error(`keyword ${keyword} at ${path} is not known`);
    problems.push(...check(argument, value, { root, schema, path }));
  }
  return problems;
}

interface Context {
  readonly root: Schema;
  readonly schema: Schema;
  readonly path: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

const checks: Record<string, (argument: unknown, value: unknown, context: Context) => string[]> = {
  $ref(argument, value, { root, path }) {
    const name = String(argument).replace("#/$defs/", "");
    const target = (root["$defs"] as Record<string, Schema>)[name];
    if (target === undefined) throw new Error(`${String(argument)} leads nowhere`);
    return validate(root, target, value, path);
  },
  oneOf(argument, value, { root, path }) {
    const results = (argument as Schema[]).map((option) => validate(root, option, value, path));
    const valid = results.filter((problems) => problems.length === 0).length;
    return valid === 1 ? [] : [`${path}: ${valid} of oneOf hold: ${results.flat().join("; ")}`];
  },
  type: (argument, value, { path }) =>
    typeOf(value).includes(String(argument))
      ? []
      : [`${path}: ${String(argument)} wanted, got ${JSON.stringify(value)}`],
  const: (argument, value, { path }) => (value === argument ? [] : [`${path}: not ${JSON.stringify(argument)}`]),
  enum: (argument, value, { path }) =>
    (argument as unknown[]).includes(value) ? [] : [`${path}: ${JSON.stringify(value)} is not in the list`],
  minimum: (argument, value, { path }) =>
    typeof value !== "number" || value >= Number(argument) ? [] : [`${path}: ${value} is too small`],
  maximum: (argument, value, { path }) =>
    typeof value !== "number" || value <= Number(argument) ? [] : [`${path}: ${value} is too great`],
  pattern: (argument, value, { path }) =>
    typeof value !== "string" || new RegExp(String(argument), "u").test(value)
      ? []
      : [`${path}: ${value} does not match`],
  required: (argument, value, { path }) =>
    isObject(value)
      ? (argument as string[]).filter((name) => !(name in value)).map((name) => `${path}: no ${name}`)
      : [],
  properties: (argument, value, { root, path }) =>
    isObject(value)
      ? Object.entries(argument as Record<string, Schema>).flatMap(([name, schema]) =>
          name in value ? validate(root, schema, value[name], `${path}.${name}`) : [],
        )
      : [],
  additionalProperties(argument, value, { schema, path }) {
    if (argument === true || !isObject(value)) return [];
    const known = schema["properties"] as Record<string, unknown>;
    return Object.keys(value)
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => `${path}: ${name} is not in the schema`);
  },
  items: (argument, value, { root, path }) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => validate(root, argument as Schema, item, `${path}[${index}]`))
      : [],
};
