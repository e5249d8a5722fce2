/** The package works where it is installed: its command, its library, its types, and a mount. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { InstalledPackage } from './installed-package.ts';

const run = promisify(execFile);
const modules = new URL('../../node_modules', import.meta.url).pathname;

describe('the packed package, installed into an empty folder', { timeout: 600_000 }, () => {
  let installed: InstalledPackage;

  before(async () => {
    installed = await InstalledPackage.make();
  });

  after(() => installed?.remove());

  it('holds what users need and nothing else', async () => {
    const names = await installed.contents();
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/index.md', 'dist/index.js', 'dist/index.d.ts'])
      assert.ok(names.includes(name), name);
    assert.deepEqual(
      names.filter((name) => /\.test\.|^(?:src|test|bench|node_modules|docs\/api)\//.test(name)),
      [],
    );
  });

  it('is described as publint wants it', async () => {
    await run(process.execPath, [`${modules}/publint/src/cli.js`, 'run', installed.tarball, '--strict'], {
      timeout: 60_000,
    });
  });

  it('shows its help', async () => {
    const help = await installed.command('cloudfusion', ['--help']);
    for (const command of ['mount', 'stop', 'sync', 'status', 'uuid', 'version']) assert.match(help, RegExp(command));
  });

  it('runs on Node 24 whatever Node the machine has', async () => {
    assert.match(await installed.program('version.js', 'console.log(process.version)'), /^v24\./);
  });

  it('is a library', async () => {
    const printed = await installed.program(
      'library.js',
      `import { MemoryStore, readText, withWriteBackCache, writeBytes } from 'cloudfusion';
       const remote = new MemoryStore();
       const files = withWriteBackCache(remote, { directory: 'cache' });
       await writeBytes(files, '/a/b.txt', 'sent');
       await files.drain();
       console.log(await readText(remote, '/a/b.txt'));
       await files.close();`,
    );
    assert.equal(printed, 'sent\n');
  });

  it('brings the conformance suite', async () => {
    const printed = await installed.program(
      'conformance.test.js',
      `import { describe, it } from 'node:test';
       import { MemoryStore } from 'cloudfusion';
       import { testStore } from 'cloudfusion/conformance';
       testStore('memory', { runner: { describe, it }, open: () => new MemoryStore() });`,
    );
    assert.match(printed.slice(-500), /^(?:#|ℹ) pass [1-9]/m);
  });

  it('brings its types', async () => {
    const { folder } = installed;
    await writeFile(
      join(folder, 'typed.ts'),
      `import { MemoryStore, type Store } from 'cloudfusion';
       import { testStore } from 'cloudfusion/conformance';
       export const store: Store = new MemoryStore();
       export const suite: typeof testStore = testStore;
       // @ts-expect-error a store is not a number
       export const wrong: number = store;`,
    );
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2024',
          lib: ['es2024', 'esnext.disposable'],
          strict: true,
          noEmit: true,
          types: ['node'],
          typeRoots: [`${modules}/@types`],
        },
        files: ['typed.ts'],
      }),
    );
    const compiled = run(process.execPath, [`${modules}/typescript/bin/tsc`, '-p', folder], { timeout: 60_000 });
    await compiled.catch(({ stdout }: { stdout: string }) => assert.fail(stdout));
  });

  it('mounts', { skip: !existsSync('/dev/fuse') && 'there is no /dev/fuse' }, async () => {
    const { folder } = installed;
    const [root, mountPoint, cache] = ['root', 'mount', 'cache-of-mount'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(root);
    await mkdir(mountPoint);
    await writeFile(join(folder, 'files.ini'), `[store]\nname = local\ncache_dir = ${cache}\n[auth]\nroot = ${root}\n`);
    await installed.command('cloudfusion', ['mount', '--config', 'files.ini', mountPoint]);
    try {
      await writeFile(join(mountPoint, 'data/hello.txt'), 'hello');
      await installed.command('cloudfusion', ['sync', mountPoint]);
      assert.equal(await readFile(join(root, 'hello.txt'), 'utf8'), 'hello');
    } finally {
      await installed.command('cloudfusion', ['stop', mountPoint]);
    }
    assert.equal(existsSync(join(mountPoint, 'data')), false);
  });
});
