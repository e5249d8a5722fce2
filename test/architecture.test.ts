/**
 * Holds the layout of the project: which folder may import which, how long a file may be, how things are named. Every rule is
 * run on the repository, where it finds nothing, and on a made-up bad input, where it must find something.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import {
  badNames,
  longFiles,
  sharedNames,
  silentSkips,
  undocumentedExports,
  unfinishedWork,
} from './architecture/file-rules.ts';
import { importCycles, jointKnowledge, mayImport, strayPackages, upwardImports } from './architecture/import-rules.ts';
import { missingEntries, type PackageFile } from './architecture/package-rules.ts';
import { loadSourceFiles, parseSourceFile, type SourceFile } from './architecture/source-file.ts';

const root = new URL('..', import.meta.url).pathname;
const files = loadSourceFiles(root, ['src', 'test', 'bench', 'examples', 'docs']);

/** Apart, so that this file does not break the rule that it tests. */
const skip: string = 'skip';

interface Rule {
  readonly name: string;
  readonly find: (files: readonly SourceFile[]) => string[];
  /** Made-up files by path; the rule must find exactly `found` in them. */
  readonly bad: Readonly<Record<string, string>>;
  readonly found: readonly string[];
}

const rules: readonly Rule[] = [
  {
    name: 'imports only go down',
    find: upwardImports,
    bad: {
      'src/store/a.ts': "import type { B } from '../http/b.ts';",
      'src/layers/c.ts': "import { d } from '../providers/local/d.ts'; import { e } from './e.ts';",
      'src/providers/local/f.ts': "export { g } from '../memory/g.ts'; import { h } from '../bucket/h.ts';",
      'src/vfs/i.ts': "const { j } = await import('../config/j.ts');",
      'src/new-folder/k.ts': "import '../store/a.ts';",
      'src/layers/l.test.ts': "import { m } from '../providers/memory/m.ts';",
    },
    found: [
      'src/store/a.ts imports src/http/b.ts',
      'src/layers/c.ts imports src/providers/local/d.ts',
      'src/providers/local/f.ts imports src/providers/memory/g.ts',
      'src/vfs/i.ts imports src/config/j.ts',
      'src/new-folder/k.ts imports src/store/a.ts',
    ],
  },
  {
    name: 'SQLite, koffi and commander have one place each',
    find: strayPackages,
    bad: {
      'src/cache/a.ts': "import { DatabaseSync } from 'node:sqlite';",
      'src/fuse/b.ts': "import koffi from 'koffi';",
    },
    found: ['src/cache/a.ts imports node:sqlite, which belongs to database'],
  },
  {
    name: 'only what assembles knows providers and layers',
    find: jointKnowledge,
    bad: {
      'src/config/a.ts': "import { b } from '../layers/b.ts'; import { c } from '../providers/registry.ts';",
      'src/config/open-store.ts': "import { b } from '../layers/b.ts'; import { c } from '../providers/registry.ts';",
    },
    found: ['src/config/a.ts knows providers and layers'],
  },
  {
    name: 'no file imports itself by way of others',
    find: importCycles,
    bad: {
      'src/a.ts': "import type { B } from './b.ts';",
      'src/b.ts': "export { c } from './c.ts';",
      'src/c.ts': "import './b.ts';",
    },
    found: ['src/b.ts -> src/c.ts -> src/b.ts'],
  },
  {
    name: 'no file has more than 300 lines',
    find: longFiles,
    bad: { 'test/a.ts': 'const a = 1;\n'.repeat(301), 'test/b.ts': '\n'.repeat(300) },
    found: ['test/a.ts has 301 lines'],
  },
  {
    name: 'every source file has a name of its own',
    find: sharedNames,
    bad: { 'src/fuse/a.ts': '', 'src/vfs/a.ts': '', 'src/index.ts': '', 'src/vfs/index.ts': '' },
    found: ['src/fuse/a.ts and src/vfs/a.ts have one name'],
  },
  {
    name: 'names are kebab-case and say what is inside',
    find: badNames,
    bad: { 'src/a/path-utils.ts': '', 'src/common/b.ts': '', 'test/tidyNames.ts': '', 'test/good-name.test.ts': '' },
    found: ['src/a/path-utils.ts', 'src/common/b.ts', 'test/tidyNames.ts'].map((path) => `${path} is badly named`),
  },
  {
    name: 'every export of src is documented',
    find: undocumentedExports,
    bad: {
      'src/a.ts': [
        '/** Said. */ export const said = 1;',
        '/* Not a doc comment. */ export class Unsaid {}',
        '/** Lost. */ const between = 1; export function lost(): void {}',
        '/** Once. */ export function twice(a: string): void; export function twice(a: unknown): void {}',
        "export { passedOn } from './b.ts'; export { between };",
      ].join('\n'),
      'src/a.test.ts': 'export const free = 1;',
    },
    found: ['Unsaid', 'lost', 'between'].map((name) => `src/a.ts exports ${name} without a doc comment`),
  },
  {
    name: 'nothing is left for later in a comment',
    find: unfinishedWork,
    bad: { 'src/a.ts': '// TODO: the rest', 'src/b.ts': "const text = 'TODO';" },
    found: ['src/a.ts has a comment that says it is not finished'],
  },
  {
    name: 'no test is skipped without a reason',
    find: silentSkips,
    bad: {
      'src/a.test.ts': `test.${skip}('a', () => {});`,
      'src/b.test.ts': `test('b', { ${skip}: true }, () => {});`,
      'src/c.test.ts': "test('c', { skip: process.getuid() !== 0 && 'needs root' }, () => {});",
    },
    found: ['src/a.test.ts skips tests without a reason', 'src/b.test.ts skips tests without a reason'],
  },
];

for (const { name, find, bad, found } of rules) {
  describe(name, () => {
    it('in the repository', () => assert.deepEqual(find(files), []));
    it('or the rule says so', () =>
      assert.deepEqual(find(Object.entries(bad).map(([path, text]) => parseSourceFile(path, text))), found));
  });
}

describe('every entry of package.json has a source file', () => {
  it('in the repository', () => {
    const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as PackageFile;
    assert.deepEqual(
      missingEntries(manifest, (path) => existsSync(`${root}/${path}`)),
      [],
    );
  });

  it('or the rule says so', () => {
    const manifest = {
      bin: { command: 'dist/cli/a.js' },
      exports: { './b': { types: './dist/b.d.ts', default: './dist/c.js' }, './package.json': './package.json' },
    };
    const existing = new Set(['src/cli/a.ts', 'src/b.ts', 'package.json']);
    assert.deepEqual(
      missingEntries(manifest, (path) => existing.has(path)),
      ['./dist/c.js needs src/c.ts, which does not exist'],
    );
  });
});

test('the files are found, and the layout has no area that does not exist', () => {
  assert.ok(files.some(({ path }) => path === 'src/store/store.ts'));
  assert.ok(files.some(({ path }) => path === 'test/architecture.test.ts'));
  const areas = new Set(Object.keys(mayImport));
  const folders = files
    .map(({ path }) => path.split('/'))
    .filter(([top, , ...rest]) => top === 'src' && rest.length > 0);
  assert.deepEqual(
    [...new Set(folders.map(([, folder]) => folder ?? ''))].filter((folder) => !areas.has(folder)),
    [],
  );
});
