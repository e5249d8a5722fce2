import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A piece of code in a document. */
export interface CodeBlock {
  /** The document, from the root of the repository. */
  readonly document: string;
  /** Where the code begins in it, from 1. */
  readonly line: number;
  readonly code: string;
}

/** The blocks of a Markdown text that are marked as TypeScript. */
export function typeScriptIn(document: string, text: string): CodeBlock[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => ({
    document,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }));
}

/** Whether a block is a program of its own; others are excerpts. */
export function isProgram({ code }: CodeBlock): boolean {
  return code.startsWith('import ');
}

/** Excerpts that are not, word for word, in any of `examples`. */
export function strayExcerpts(blocks: readonly CodeBlock[], examples: readonly string[]): string[] {
  return blocks
    .filter((block) => !isProgram(block) && !examples.some((example) => example.includes(block.code)))
    .map(({ document, line }) => `${document}:${line} is in no example`);
}

/**
 * What the compiler has to say of programs, under the options of the repository at `root`. `./name.ts` means an example.
 */
export function compilerErrors(root: string, programs: readonly CodeBlock[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  try {
    const names = new Map(programs.map((program, index) => [`block-${index}.ts`, program]));
    for (const [name, { code }] of names) {
      writeFileSync(join(folder, name), code.replaceAll(/'\.\/([a-z-]+\.ts)'/g, `'${root}/examples/$1'`));
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: {
          typeRoots: [join(root, 'node_modules/@types')],
          rewriteRelativeImportExtensions: false,
          allowImportingTsExtensions: true,
        },
        include: [],
        files: [...names.keys()],
      }),
    );
    const { stdout, stderr, error } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
      { encoding: 'utf8', timeout: 60_000 },
    );
    if (error !== undefined) throw error;
    return (stdout + stderr)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => located(line, names));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A message of the compiler, with the place in the document. */
function located(message: string, names: ReadonlyMap<string, CodeBlock>): string {
  const [, name = '', line = '', rest = ''] = /^(?:.*\/)?(block-\d+\.ts)\((\d+),\d+\): (.*)$/.exec(message) ?? [];
  const block = names.get(name);
  return block === undefined ? message : `${block.document}:${block.line + Number(line) - 1}: ${rest}`;
}
