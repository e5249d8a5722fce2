import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type Comment, parseSync, type Program } from 'oxc-parser';

/** What the rules of the architecture look at in one TypeScript file. */
export interface SourceFile {
  /** From the root of the repository: `src/store/path.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** What it imports, types included: files by their path from the root, everything else as it is written. */
  readonly imports: readonly string[];
  readonly exports: readonly ExportedName[];
  /** The text of its comments. */
  readonly comments: readonly string[];
}

/** A name that a file exports by declaring it; names that it passes on from another file are not among them. */
export interface ExportedName {
  readonly name: string;
  /** Whether a doc comment stands directly before its declaration (or before one of its overloads). */
  readonly documented: boolean;
}

/** Every TypeScript file below these folders of the repository at `root`. */
export function loadSourceFiles(root: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root, exclude: ['**/node_modules/**', '**/out/**'] }))
    .toSorted()
    .map((path) => parseSourceFile(path, readFileSync(`${root}/${path}`, 'utf8')));
}

/** Throws `SyntaxError` for a text that is no TypeScript. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const specifiers = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest?.value)),
    ...module.dynamicImports.map(({ moduleRequest }) => literalIn(text.slice(moduleRequest.start, moduleRequest.end))),
  ];
  return {
    path,
    text,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: [...new Set(specifiers.filter((value) => value !== undefined))].map((value) => resolve(path, value)),
    exports: exportedNames(program, text, comments),
    comments: comments.map(({ value }) => value),
  };
}

function literalIn(expression: string): string | undefined {
  return /^(['"`])(.*)\1$/.exec(expression)?.[2];
}

function resolve(importer: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : specifier;
}

function exportedNames(program: Program, text: string, comments: readonly Comment[]): ExportedName[] {
  const documented = new Map<string, boolean>();
  for (const statement of program.body) {
    const isDocumented = comments.some(
      ({ type, value, end }) =>
        type === 'Block' &&
        value.startsWith('*') &&
        end <= statement.start &&
        text.slice(end, statement.start).trim() === '',
    );
    for (const name of namesExportedBy(statement)) {
      documented.set(name, isDocumented || documented.get(name) === true);
    }
  }
  return [...documented].map(([name, isDocumented]) => ({ name, documented: isDocumented }));
}

function namesExportedBy(statement: Program['body'][number]): string[] {
  if (statement.type === 'ExportDefaultDeclaration') return ['default'];
  if (statement.type !== 'ExportNamedDeclaration' || statement.source !== null) return [];
  const { declaration, specifiers } = statement;
  if (declaration === null)
    return specifiers.map(({ exported }) => ('name' in exported ? exported.name : exported.value));
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map(({ id }) => (id.type === 'Identifier' ? id.name : 'a pattern'));
  return 'id' in declaration && declaration.id !== null && 'name' in declaration.id ? [declaration.id.name] : [];
}
