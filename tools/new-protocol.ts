/**
 * Begins a protocol: its file, its row in the registry, its example (a fixture made by hand) with the tests that run on it.
 *
 *   tools/new-protocol NAME [--transport tcp|udp] [--port N]
 *
 * What it writes compiles and fails its tests until the protocol is there: src/dissect/README.md tells the steps.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");

function protocolFile(name: string, title: string): string {
  return `/**
 * ${title}: one line on what it is for and which facts are shown. Never payload, never secrets.
 *
 * RFC 0000 sections 1 (framing) and 2 (messages).
 *
 *   message = length(2) type(1) body
 *
 * Evidence: what of this must hold before a stream is called ${name}.
 */
import { u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 3;

export function is${title}First(byte: number): boolean {
  return byte === 0;
}

export function probe${title}(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < headerLength) return context.last ? "no" : "more";
  return "no";
}

export function parse${title}(bytes: Uint8Array, context: DissectContext): Verdict {
  if (u16At(bytes, 0) < 0) return { kind: "needMore", bytes: headerLength };
  return { kind: "match", name: "${name}", facts: { "${name}": {} }, complete: context.last };
}
`;
}

function exampleFile(name: string, transport: string, port: number): string {
  return `import { bytesOf, prefixed } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 0000 section 2. */
export const examples: readonly Example[] = [
  {
    title: "a first message",
    transport: "${transport}",
    serverPort: ${port},
    messages: [[true, bytesOf(prefixed(2, 1, "body"))]],
    name: "${name}",
    facts: { "${name}": {} },
  },
];
`;
}

function addRow(name: string, title: string, transport: string, port: number): void {
  const path = join(root, "src/dissect/registry.ts");
  const source = readFileSync(path, "utf8");
  const names = [`is${title}First`, `parse${title}`, `probe${title}`].join(", ");
  const row = [
    "  {",
    `    name: "${name}",`,
    `    transport: "${transport}",`,
    `    ports: [${port}],`,
    `    firstByte: is${title}First,`,
    `    probe: probe${title},`,
    `    parse: parse${title},`,
    "  },",
  ].join("\n");
  const table = source.indexOf("const rows: readonly Protocol[]");
  const end = source.indexOf("\n];", table);
  const imports = source.indexOf('import type { Protocol } from "./protocol.ts";');
  if (table < 0 || end < 0 || imports < 0) throw new Error("src/dissect/registry.ts has lost its table");
  const withRow = `${source.slice(0, end)}\n${row}${source.slice(end)}`;
  const line = `import { ${names} } from "./protocols/${name}.ts";\n`;
  writeFileSync(path, withRow.slice(0, imports) + line + withRow.slice(imports));
}

/** Lists the example beside the others. */
function addExample(name: string, identifier: string): void {
  const path = join(root, "test/dissect/examples/index.ts");
  const source = readFileSync(path, "utf8");
  const imports = source.indexOf('import type { Example } from "../example.ts";');
  const end = source.lastIndexOf("\n};");
  if (imports < 0 || end < 0) throw new Error("test/dissect/examples/index.ts has lost its table");
  const line = `import { examples as ${identifier} } from "./${name}.ts";\n`;
  writeFileSync(
    path,
    source.slice(0, imports) + line + source.slice(imports, end) + `\n  ${identifier},` + source.slice(end),
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { transport: { type: "string", default: "tcp" }, port: { type: "string", default: "0" } },
});
const [name, ...rest] = positionals;
const port = Number(values.port);
const isTransport = values.transport === "tcp" || values.transport === "udp";
const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535;
if (name === undefined || rest.length > 0 || !/^[a-z][a-z0-9-]*$/.test(name) || !isTransport || !isPort) {
  console.error("usage: new-protocol NAME [--transport tcp|udp] [--port N]    NAME: lower case, as in Suricata");
  process.exitCode = 2;
} else {
  const title = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const file = join(root, "src/dissect/protocols", `${name}.ts`);
  const example = join(root, "test/dissect/examples", `${name}.ts`);
  const taken = [file, example].find((path) => existsSync(path));
  if (taken !== undefined) {
    console.error(`new-protocol: ${taken} exists already`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, protocolFile(name, title));
    writeFileSync(example, exampleFile(name, values.transport, port));
    addRow(name, title, values.transport, port);
    addExample(name, title[0]!.toLowerCase() + title.slice(1));
    console.log(
      `test/dissect/examples/index.ts\nsrc/dissect/protocols/${name}.ts\ntest/dissect/examples/${name}.ts\nsrc/dissect/registry.ts`,
    );
  }
}
