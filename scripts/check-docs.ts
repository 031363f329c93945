/**
 * Fails when an exported symbol, or a member of an exported interface, class or object type, has no docstring
 * (`npm run lint` runs it). Only symbols that package.json's `exports` reach count: those a user of the package sees.
 *
 *     tsx scripts/check-docs.ts [--root DIR] [FILE or FOLDER…]
 *
 * Prints `file:line name` for each symbol without one; with files or folders as arguments only theirs. The types are
 * read by TypeScript itself, through the API that comes with version 7 (`typescript/unstable/sync`). A member that
 * overrides or implements a documented one needs no docstring of its own.
 */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isClassDeclaration, isInterfaceDeclaration } from "typescript/unstable/ast/is";
import {
  API,
  type Checker,
  type Project,
  SymbolFlags,
  type Symbol as TsSymbol,
} from "typescript/unstable/sync";

/** A symbol without a docstring. */
interface Finding {
  /** Path of its source, from the root. */
  file: string;
  line: number;
  /** Its name, such as "VideoOptions.fps". */
  name: string;
}

/** Sources of the package's public entries. */
function entries(root: string): string[] {
  const { exports } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
  return Object.values<string | { types: string }>(exports).flatMap((entry) =>
    typeof entry === "string"
      ? []
      : [resolve(root, entry.types.replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, ".ts"))],
  );
}

/** Collects the findings of one project. */
class DocsCheck {
  /** Findings by file and line, so that a member is found once, however many types inherit it. */
  readonly findings = new Map<string, Finding>();
  readonly #root: string;
  readonly #project: Project;
  readonly #checker: Checker;
  readonly #seen = new Set<number>();

  constructor(root: string, project: Project) {
    this.#root = root;
    this.#project = project;
    this.#checker = project.checker;
  }

  /** Checks all exports of a module. @throws Error when the project has no such module */
  module(path: string): void {
    const file = this.#project.program.getSourceFile(path);
    const module = file && this.#checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${path}: expected a module of the project, got none`);
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & SymbolFlags.Alias) !== 0;
      this.#exported(isAlias ? this.#checker.getAliasedSymbol(exported) : exported);
    }
  }

  #exported(symbol: TsSymbol): void {
    if (this.#seen.has(symbol.id) || !this.#isOwn(symbol)) return;
    this.#seen.add(symbol.id);
    this.#check(symbol, symbol.name);
    if (symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias)) {
      const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
      // A union has no members of its own: they belong to its parts.
      if (!type.isUnionType()) this.#members(symbol, this.#checker.getPropertiesOfType(type));
    }
    // The exports of a class are its static members.
    if (symbol.flags & SymbolFlags.Class) this.#members(symbol, [...symbol.getExports().values()]);
  }

  #members(owner: TsSymbol, members: readonly TsSymbol[]): void {
    for (const member of members) {
      const isInternal = /^(prototype$|#|__)/.test(member.name);
      if (isInternal || this.#seen.has(member.id) || !this.#isOwn(member)) continue;
      this.#seen.add(member.id);
      if (!this.#isPrivate(member)) this.#check(member, `${owner.name}.${member.name}`);
    }
  }

  #check(symbol: TsSymbol, name: string): void {
    if (this.#isDocumented(symbol) || this.#bases(symbol).some((base) => this.#isDocumented(base))) return;
    const declaration = symbol.declarations[0].resolve(this.#project)!;
    const source = declaration.getSourceFile();
    const line = source.text.slice(0, declaration.getStart()).split("\n").length;
    const file = relative(this.#root, source.fileName);
    const key = `${file}:${line}`;
    if (!this.findings.has(key)) this.findings.set(key, { file, line, name });
  }

  #isDocumented(symbol: TsSymbol): boolean {
    const { length } = symbol.getJsDocTags(this.#checker);
    return length > 0 || symbol.getDocumentationComment(this.#checker) !== "";
  }

  /** The members that a member of a class or interface overrides or implements. */
  #bases(member: TsSymbol): TsSymbol[] {
    const owner = member.declarations[0].resolve(this.#project)?.parent;
    if (!owner || !(isClassDeclaration(owner) || isInterfaceDeclaration(owner))) return [];
    return (owner.heritageClauses ?? []).flatMap((clause) =>
      clause.types.flatMap((node) => {
        const type = this.#checker.getTypeAtLocation(node);
        const base = type && this.#checker.getPropertyOfType(type, member.name);
        return base ? [base, ...this.#bases(base)] : [];
      }),
    );
  }

  /** True if it is declared in a source of this package. */
  #isOwn(symbol: TsSymbol): boolean {
    const path = symbol.declarations[0]?.path.toLowerCase();
    return path?.startsWith(`${this.#root.toLowerCase()}/`) === true && !path.includes("/node_modules/");
  }

  #isPrivate(symbol: TsSymbol): boolean {
    const declaration = symbol.declarations[0].resolve(this.#project)!;
    return /^(private|protected)\b/.test(declaration.getText());
  }
}

const { values, positionals } = parseArgs({
  options: { root: { type: "string", default: resolve(import.meta.dirname, "..") } },
  allowPositionals: true,
});
const root = resolve(values.root);
const only = positionals.map((path) => relative(root, resolve(path)));
const api = new API({ cwd: root });
try {
  const config = resolve(root, "tsconfig.json");
  const check = new DocsCheck(root, api.updateSnapshot({ openProjects: [config] }).getProject(config)!);
  for (const entry of entries(root)) check.module(entry);
  const findings = [...check.findings.values()]
    .filter(({ file }) => only.length === 0 || only.some((path) => `${file}/`.startsWith(`${path}/`)))
    .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  for (const { file, line, name } of findings) console.log(`${file}:${line} ${name}`);
  if (findings.length > 0) {
    console.error(
      `docstrings: expected one for every exported symbol and member, got ${findings.length} without`,
    );
    process.exitCode = 1;
  }
} finally {
  api.close();
}
