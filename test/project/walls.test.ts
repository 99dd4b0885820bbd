import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { after, before, describe, it } from "node:test";
import { findBreaches, importsOf, readFolders } from "../../tools/walls.ts";

const root = dirname(dirname(import.meta.dirname));

/** What a folder may import; `node` where it may also use Node. The design's table, kept here as a second opinion. */
const walls: Readonly<Record<string, { readonly may: readonly string[]; readonly node: boolean }>> = {
  "src/bytes": { may: [], node: false },
  "src/model": { may: ["src/bytes"], node: false },
  "src/wire": { may: ["src/bytes", "src/model"], node: false },
  "src/dissect": { may: ["src/bytes", "src/model"], node: false },
  "src/flow": { may: ["src/bytes", "src/dissect", "src/model", "src/wire"], node: false },
  "src/query": { may: ["src/model"], node: false },
  "src/files": { may: ["src/bytes", "src/model"], node: true },
  "src/host/linux": { may: ["src/bytes", "src/model"], node: true },
  "src/host/fake": { may: ["src/bytes", "src/model"], node: true },
  "src/enrich": { may: ["src/model"], node: true },
  "src/export": { may: ["src/model"], node: true },
  "src/privacy": { may: ["src/model"], node: false },
  "src/redact": { may: ["src/bytes", "src/model", "src/wire"], node: false },
  "src/tui": { may: ["src/model", "src/privacy", "src/query"], node: true },
};
const everything = [...Object.keys(walls), "src/app"].sort();

/** Things of Node and of browsers that the language itself does not have, as one statement each. */
const foreign: Readonly<Record<string, string>> = {
  "node-module": 'export { readFileSync } from "node:fs";',
  "bare-module": 'export { inspect } from "util";',
  package: 'export * as planted from "koffi";',
  process: "export const planted: unknown = process;",
  buffer: "export const planted: unknown = Buffer;",
  console: "export const planted: unknown = console;",
  timeout: "export const planted: unknown = setTimeout;",
  "text-decoder": "export const planted: unknown = TextDecoder;",
  url: "export const planted: unknown = URL;",
};

describe("walls", () => {
  let copy = "";
  before(() => {
    copy = mkdtempSync(join(tmpdir(), "socklens-walls-"));
    for (const item of ["src", "test/tsconfig.json", "package.json", "tsconfig.base.json", "tsconfig.json"]) {
      cpSync(join(root, item), join(copy, item), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  /** `tsc -b` on folders of the copy, by the compiler that the check uses. */
  function compile(folders: readonly string[]): { status: number | null; output: string } {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const parameters = [compiler, "-b", "--pretty", "false", ...folders];
    const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { cwd: copy, encoding: "utf8" });
    return { status, output: stdout + stderr };
  }

  /** Puts files into a folder of the copy, and tells which of them the compiler and which the walls refuse. */
  function refused(folder: string, planted: Readonly<Record<string, string>>) {
    const files = Object.entries(planted).map(([name, text]) => ({ file: `${folder}/planted-${name}.ts`, text }));
    for (const { file, text } of files) writeFileSync(join(copy, file), `${text}\n`);
    try {
      const { status, output } = compile([folder]);
      const lines = [...output.split("\n"), ...findBreaches(copy)];
      const caught = files.filter(({ file }) => lines.some((line) => line.startsWith(file)));
      const byCompiler = files.filter(({ file }) => output.includes(`${file}(`));
      return { status, all: files.map(({ file }) => file), caught: caught.map(({ file }) => file), byCompiler };
    } finally {
      for (const { file } of files) rmSync(join(copy, file));
    }
  }

  it("stand where the design puts them", () => {
    const folders = readFolders(root);
    assert.deepEqual(
      folders.map(({ path }) => path),
      everything,
    );
    for (const { path, references, pure } of folders) {
      const wall = walls[path] ?? { may: everything.filter((one) => one !== path), node: true };
      assert.deepEqual(references, wall.may, path);
      assert.equal(pure, !wall.node, `${path}: Node types`);
    }
  });

  it("pass the tree as it is", () => {
    const folders = everything.filter((one) => one !== "src/app");
    const { status, output } = compile([...folders, "src/app"]);
    assert.equal(output, "");
    assert.equal(status, 0);
    assert.deepEqual(findBreaches(copy), []);
  });

  for (const [folder, { may, node }] of Object.entries(walls)) {
    it(`let nothing forbidden into ${folder}`, () => {
      const planted: Record<string, string> = {};
      for (const other of everything) {
        if (other === folder || may.includes(other)) continue;
        const specifier = posix.relative(folder, `${other}/index.ts`);
        const name = other.replaceAll("/", "-");
        planted[name] = `export * as planted from "${specifier}";`;
        planted[`${name}-lazily`] = `export const planted: unknown = () => import("${specifier}");`;
      }
      if (!node) Object.assign(planted, foreign);
      const { status, all, caught, byCompiler } = refused(folder, planted);
      assert.deepEqual(caught, all);
      assert.notEqual(status, 0);
      assert.ok(byCompiler.length > 0, "the compiler refuses none of them");
    });

    it(`let what is allowed into ${folder}`, () => {
      const planted: Record<string, string> = { language: "export const planted: unknown = Uint8Array;" };
      for (const other of may) {
        const specifier = posix.relative(folder, `${other}/index.ts`);
        planted[other.replaceAll("/", "-")] = `export * as planted from "${specifier}";`;
      }
      if (node) planted["node-module"] = foreign["node-module"] ?? "";
      const { status, caught } = refused(folder, planted);
      assert.deepEqual(caught, []);
      assert.equal(status, 0);
    });
  }

  it("let the platform be read in one file", () => {
    const name = "src/export/planted-platform.ts";
    const second = "src/files/planted-platform.ts";
    writeFileSync(join(copy, name), "export const planted = process.platform;\n");
    writeFileSync(join(copy, second), 'import { platform } from "node:os";\nexport const planted = platform();\n');
    try {
      const breaches = findBreaches(copy);
      assert.equal(breaches.length, 1);
      assert.match(breaches[0] ?? "", /^the platform is read in \d places: .*src\/export\/planted-platform\.ts/);
    } finally {
      rmSync(join(copy, name));
      rmSync(join(copy, second));
    }
  });
});

describe("imports of a source file", () => {
  it("are found in every form, and not in comments", () => {
    const source = [
      'import a from "./a.ts";',
      'import type { B } from "./b.ts";',
      "import { c,\n  d } from './c.ts';",
      'import "./e.ts";',
      'export * from "./f.ts";',
      'const g = await import("./g.ts");',
      'type H = import("./h.ts").H;',
      '// import "./comment.ts";',
      '/* export * from "./comment.ts"; */',
      'const url = "https://example.test/"; import "./after-slashes.ts";',
    ].join("\n");
    const expected = ["a", "b", "c", "e", "f", "g", "h", "after-slashes"].map((name) => `./${name}.ts`);
    assert.deepEqual(importsOf(source), expected);
  });

  it("are what the compiler's own folders hold", () => {
    assert.ok(importsOf(readFileSync(join(root, "src/flow/engine.ts"), "utf8")).includes("../model/index.ts"));
  });
});
