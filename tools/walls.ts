/**
 * Checks the walls that the compiler does not see: `tools/node tools/walls.ts [DIRECTORY]`.
 *
 * `tsc -b` resolves an import through any project that is reachable by references, so a folder could import what only
 * a neighbour references. Here: a folder imports only what its own tsconfig.json references; a folder without Node
 * types imports no package; `process.platform` is read in one file at most.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";

/** A folder with a tsconfig.json: what it may import, and whether Node is among it. */
export interface Folder {
  /** Relative to the repository, as "src/host/linux". */
  readonly path: string;
  /** Folders its tsconfig.json references, sorted. */
  readonly references: readonly string[];
  readonly pure: boolean;
}

const platformReaders =
  /\bprocess\??\.platform\b|\bprocess\[["']platform["']\]|\bos\.platform\(|\bplatform\b[^;]*\}\s*from\s*["'](?:node:)?(?:os|process)["']/;
const moduleSpecifier = /(?<!["'`.])(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Source without comments; strings stay. Good enough to find imports: an import's text never spans a comment here. */
function withoutComments(source: string): string {
  return source.replaceAll(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, text?: string) => text ?? " ",
  );
}

/** The folders under src/ of the repository at `root`. Throws when a tsconfig.json cannot be read. */
export function readFolders(root: string): Folder[] {
  return globSync("src/**/tsconfig.json", { cwd: root })
    .map((file) => {
      const path = posix.dirname(file);
      const { references = [], compilerOptions = {} } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
        references?: { path: string }[];
        compilerOptions?: { types?: string[] };
      };
      return {
        path,
        references: references.map((one) => posix.normalize(posix.join(path, one.path))).sort(),
        pure: (compilerOptions.types ?? []).length === 0,
      };
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The modules that a source file imports, in order. */
export function importsOf(source: string): string[] {
  return [...withoutComments(source).matchAll(moduleSpecifier)].map((match) => match[1] ?? "");
}

/** What is wrong with one import, or undefined. */
function judgeImport(root: string, folder: Folder, folders: readonly Folder[], file: string, specifier: string) {
  if (!specifier.startsWith(".")) {
    return folder.pure ? `imports ${specifier}, and the folder is pure` : undefined;
  }
  const target = relative(root, resolve(root, dirname(file), specifier)).replaceAll("\\", "/");
  const home = folderOf(folders, target);
  if (home === folder) return undefined;
  if (home === undefined) return `imports ${target}, which is in no folder of src/`;
  if (!folder.references.includes(home.path)) return `imports ${home.path}, which its tsconfig.json does not reference`;
  return undefined;
}

/** The innermost folder that holds `file`. */
function folderOf(folders: readonly Folder[], file: string): Folder | undefined {
  let found: Folder | undefined;
  for (const folder of folders) {
    if (file.startsWith(`${folder.path}/`) && folder.path.length > (found?.path.length ?? 0)) found = folder;
  }
  return found;
}

/** Everything that breaks a wall in the repository at `root`, one line each. */
export function findBreaches(root: string): string[] {
  const folders = readFolders(root);
  const breaches: string[] = [];
  const readers: string[] = [];
  for (const file of globSync("src/**/*.ts", { cwd: root }).sort()) {
    const source = readFileSync(join(root, file), "utf8");
    const folder = folderOf(folders, file);
    if (folder === undefined) {
      breaches.push(`${file}: is in no folder with a tsconfig.json`);
      continue;
    }
    for (const specifier of importsOf(source)) {
      const breach = judgeImport(root, folder, folders, file, specifier);
      if (breach !== undefined) breaches.push(`${file}: ${breach}`);
    }
    if (platformReaders.test(withoutComments(source))) readers.push(file);
  }
  if (readers.length > 1) breaches.push(`the platform is read in ${readers.length} places: ${readers.join(", ")}`);
  const built = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as { references: { path: string }[] };
  for (const { path } of folders) {
    if (!built.references.some((one) => one.path === path)) breaches.push(`tsconfig.json does not build ${path}`);
  }
  for (const { path } of built.references) {
    if (!existsSync(join(root, path, "tsconfig.json")))
      breaches.push(`tsconfig.json builds ${path}, which is not there`);
  }
  return breaches;
}

if (import.meta.main) {
  const breaches = findBreaches(resolve(process.argv[2] ?? dirname(import.meta.dirname)));
  for (const breach of breaches) console.error(breach);
  if (breaches.length > 0) process.exitCode = 1;
}
