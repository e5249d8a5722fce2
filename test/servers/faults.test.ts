/** Two thousand files over a bad line: all arrive, byte for byte, and whoever says that all is sent tells the truth. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DrainError } from '../../src/cache/drain-error.ts';
import { configurableProviders } from '../../src/config/configurable-providers.ts';
import { openStore } from '../../src/config/open-store.ts';
import { parseConfiguration } from '../../src/config/parse-configuration.ts';
import { writeBytes } from '../../src/store/operations.ts';
import { type CopiedFile, copiedTree, turnOf, turns, writeTree } from '../faults/copied-tree.ts';
import { FaultyLine } from '../faults/faulty-line.ts';
import { sumsInBucket, sumsInDirectory } from '../faults/stored-sums.ts';
import { CommandLine } from '../mount/command-line.ts';
import { withoutFuse } from '../mount/mounted.ts';
import { runShell } from '../mount/run-program.ts';
import { seed } from '../seeded-runs.ts';
import { startApacheDav } from './apache-dav.ts';
import { startCephRadosgw } from './ceph-radosgw.ts';
import { notInstalled } from './installed.ts';
import { s3Oracle } from './s3-oracle.ts';

/** Uploads begin while the copy goes on, and what is silent for two seconds is given up. */
const store = 'cache = 1\nmetadata_cache = 1\ntimeout = 2';
/** So often somebody asks whether all is sent before something must be wrong. */
const mostAsked = 30;
const limit = 240_000;

describe(`a copy over a bad line (seed ${seed})`, { concurrency: 2, timeout: 2 * limit }, () => {
  it('to S3 through a mount', { skip: withoutFuse || notInstalled('ceph-radosgw'), timeout: limit }, async (t) => {
    await using server = await startCephRadosgw();
    await using line = await FaultyLine.start(Number(new URL(server.endpoint).port), seed);
    await using cli = await CommandLine.make();
    const { accessKey, secretKey, endpoint } = server;
    const auth = `id = ${accessKey}\nsecret = ${secretKey}\nendpoint = ${line.proxy.url(endpoint)}\nbucket_name = copied`;
    await writeFile(join(cli.directory, 'files.ini'), `[store]\nname = amazon s3\n${store}\n[auth]\n${auth}\n`);
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    const client = s3Oracle(server);
    t.after(() => client.destroy());
    await copy(t, line, {
      write: (files) => writeTree(join(cli.mountPoint, 'data'), files),
      isAllSent: async () => {
        const { status, output, errors } = await cli.run(['sync', '--timeout', '40', 'mnt']);
        if (status === 0) assert.equal(output, 'Everything is uploaded.\n');
        else assert.match(errors, /could not be sent|was uploaded in time/);
        return status === 0;
      },
      stored: () => sumsInBucket(client, 'copied'),
    });
    assert.equal(await runShell('find . -type f | wc -l', join(cli.mountPoint, 'data')), '2000\n');
    await cli.ok('stop', 'mnt');
  });

  it('to WebDAV through the library', { skip: notInstalled('apache-dav'), timeout: limit }, async (t) => {
    await using server = await startApacheDav();
    await using line = await FaultyLine.start(Number(new URL(server.url).port), seed + 1);
    const directory = await mkdtemp(join(tmpdir(), 'cloudfusion-faults-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const url = line.proxy.url(server.url);
    const auth = `url = ${url}copied\nuser = ${server.user}\npassword = ${server.password}`;
    const text = `[store]\nname = webdav\ncache_dir = cache\n${store}\n[auth]\n${auth}\n`;
    const configuration = parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory });
    const { cache, close } = await openStore(configuration, { environment: {} });
    t.after(close);
    await copy(t, line, {
      write: async (files) => {
        for (const { path, bytes } of files) await writeBytes(cache, `/${path}`, bytes);
      },
      isAllSent: () =>
        cache.drain().then(
          () => true,
          (error: unknown) => {
            assert.ok(error instanceof DrainError, String(error));
            return false;
          },
        ),
      stored: () => sumsInDirectory(join(server.root, 'copied')),
    });
    assert.deepEqual(
      cache.problems().filter(({ kind }) => kind !== 'upload'),
      [],
    );
  });
});

interface Copy {
  readonly write: (files: readonly CopiedFile[]) => Promise<void>;
  readonly isAllSent: () => Promise<boolean>;
  /** What the server has, looked at past the line and our own code: MD5 by path. */
  readonly stored: () => Promise<Map<string, string>>;
}

async function copy(t: TestContext, line: FaultyLine, { write, isAllSent, stored }: Copy): Promise<void> {
  const files = copiedTree(seed);
  const began = performance.now();
  line.begin();
  let refusals = 0;
  for (let turn = 0; turn < turns; turn++) {
    await write(turnOf(files, turn));
    for (let asked = 1; !(await isAllSent()); asked++) {
      refusals++;
      assert.ok(asked < mostAsked, 'it never arrives');
    }
    const sent = files.slice(0, turnOf(files, 0).length * (turn + 1));
    const expected = new Map(sent.map(({ path, md5 }) => [path, md5]));
    assertSame(await stored(), expected);
  }
  const { gateway, counts } = line;
  const met = [...gateway.counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  t.diagnostic(
    `${seconds} s; requests: ${met}; connections: ${counts.broken} broken, ${counts.silent} silent; "not yet" ${refusals} times`,
  );
  for (const [kind, count] of gateway.counts) assert.ok(count > 0, `no request met "${kind}"`);
  assert.ok(counts.broken > 0 && counts.silent > 0, 'the connections held');
}

/** Says what is wrong without two thousand lines. */
function assertSame(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): void {
  const missing = [...expected.keys()].filter((path) => !found.has(path));
  const other = [...expected].filter(([path, md5]) => found.has(path) && found.get(path) !== md5).map(([path]) => path);
  const strange = [...found.keys()].filter((path) => !expected.has(path));
  assert.deepEqual(
    { missing: missing.slice(0, 5), other: other.slice(0, 5), strange: strange.slice(0, 5) },
    { missing: [], other: [], strange: [] },
  );
}
