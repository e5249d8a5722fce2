/** What the documents say is so: code compiles, links lead somewhere, tables are those of the source. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import { withOptionTables, withSettingTables } from '../docs/options-table.ts';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { Errno } from '../src/fuse/errno.ts';
import { providers } from '../src/providers/registry.ts';
import { StoreError, type StoreErrorCode } from '../src/store/errors.ts';
import { errnoOf } from '../src/vfs/errno-of.ts';
import { compilerErrors, isProgram, strayExcerpts, typeScriptIn } from './documents/code-blocks.ts';
import { brokenLinks } from './documents/links.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const documents = new Map(
  ['*.md', 'docs/**/*.md']
    .flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['docs/api/**', 'node_modules/**'] }))
    .map((path) => [path, readFileSync(`${root}/${path}`, 'utf8')]),
);
const blocks = [...documents].flatMap(([path, text]) => typeScriptIn(path, text));

function page(path: string): string {
  const text = documents.get(path);
  assert.ok(text !== undefined, `${path} exists`);
  return text;
}

describe('code in documents', () => {
  it('compiles', { timeout: 90_000 }, () => assert.deepEqual(compilerErrors(root, blocks.filter(isProgram)), []));

  it('is an excerpt of an example where it is no program', () => {
    const examples = globSync('examples/*.ts', { cwd: root }).map((path) => readFileSync(`${root}/${path}`, 'utf8'));
    assert.deepEqual(strayExcerpts(blocks, examples), []);
  });

  it('or these rules say so', { timeout: 90_000 }, () => {
    const text =
      "# A\n\n```ts\nimport { Nothing } from 'cloudfusion';\n\nexport const n: number = '1';\n```\n\n```ts\nb();\n```\n";
    const bad = typeScriptIn('a.md', text);
    assert.deepEqual(strayExcerpts(bad, ['b(1);']), ['a.md:10 is in no example']);
    const [first, second, ...rest] = compilerErrors(root, bad.filter(isProgram));
    assert.match(first ?? '', /^a\.md:4: error TS2305/);
    assert.match(second ?? '', /^a\.md:6: error TS2322/);
    assert.deepEqual(rest, []);
  });
});

describe('links in documents', () => {
  it('lead to files and headings', () =>
    assert.deepEqual(
      brokenLinks(documents, (path) => existsSync(`${root}/${path}`)),
      [],
    ));

  it('or the rule says so', () => {
    const bad = new Map([
      ['docs/a.md', '[b](b.md) [missing](../c.md) [heading](b.md#what-is-there) [none](b.md#else) [net](https://x.y)'],
      ['docs/b.md', '## What is `there`?\n'],
    ]);
    assert.deepEqual(
      brokenLinks(bad, (path) => bad.has(path)),
      ['docs/a.md links to ../c.md', 'docs/a.md links to b.md#else'],
    );
  });
});

test('the tables of options are up to date (npm run docs:options writes them)', () => {
  const configuration = page('docs/guide/configuration.md');
  assert.equal(withOptionTables(configuration), configuration);
  assert.match(configuration, /\| `name` \|/);
  assert.match(configuration, /\| `bucket_name` \|/);
});

test('every provider has a page with the table of its settings (npm run docs:options writes them)', () => {
  const pages = [...documents].filter(([path]) => path.startsWith('docs/providers/'));
  for (const [path, text] of pages) assert.equal(withSettingTables(text), text, path);
  const shown = pages.flatMap(([, text]) =>
    [...text.matchAll(/<!-- settings of ([\w -]+) -->/g)].map(([, name]) => name),
  );
  assert.deepEqual(
    shown.map(String).toSorted(),
    Object.keys(providers)
      .filter((name) => name !== 'memory')
      .toSorted(),
  );
});

test('the table of errors has every code, with what a mount makes of it', () => {
  const rows = [...page('docs/errors.md').matchAll(/^\| `(\w+)` \| .* \| (yes|no) \| `(\w+)` \|$/gm)];
  const told = rows.map(([, code, retryable, errno]) => ({ code, retryable: retryable === 'yes', errno }));
  const source = readFileSync(`${root}/src/store/errors.ts`, 'utf8');
  const codes = [...(/type StoreErrorCode =(.*?);/s.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    ([, code]) => code,
  );
  const actual = codes.map((code) => {
    const error = new StoreError(code as StoreErrorCode);
    const answer = errnoOf(error);
    return { code, retryable: error.retryable, errno: answer instanceof Errno ? answer.code : undefined };
  });
  assert.ok(actual.length >= 15);
  assert.deepEqual(told, actual);
});

test('the table of exit statuses is that of the command', () => {
  const told = [...page('docs/guide/mount.md').matchAll(/^\| (\d+) \| /gm)].map(([, status]) => Number(status));
  assert.deepEqual(told, Object.values(exitCodes));
});

test('every provider has a page, which is named after it or begins with its name', () => {
  for (const name of Object.keys(providers)) {
    const begins = [...documents].find(
      ([path, text]) => path.startsWith('docs/providers/') && text.startsWith(`# \`${name}\``),
    );
    const path = begins?.[0] ?? `docs/providers/${name}.md`;
    page(path);
    assert.ok(page('docs/index.md').includes(`(${path.replace('docs/', '')})`), `docs/index.md links to ${name}`);
  }
});

test('the README begins with the two commands', () => {
  const commands = ['npm ci && npm start', 'npm ci && npm test'];
  for (const command of commands)
    assert.ok(page('README.md').split('\n').slice(0, 30).join('\n').includes(command), command);
});
