import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import type { Capabilities, Metadata } from '../../store/store.ts';
import { expectFailure, expectStoreError } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import { type StoreCase, withoutMetadata } from '../store-case.ts';
import type { Trial } from '../trial.ts';

const largestUpload = 64 << 20;

/** Law 10: a file's metadata belongs to its version. */
export const metadataCases: readonly StoreCase[] = [
  {
    name: 'metadata that is written is told by write and stat',
    unless: withoutMetadata,
    run: async (trial) => {
      const metadata = sample(trial.capabilities);
      const written = await trial.put('/d/file', 'content', { metadata });
      assert.deepEqual(written.metadata, metadata);
      await assertMetadata(trial, '/d/file', metadata);
      assert.equal(await trial.text('/d/file'), 'content');
    },
  },
  {
    name: 'a file that is written without metadata has none, or the usual mode',
    unless: withoutMetadata,
    run: async (trial) => {
      for (const metadata of [undefined, {}]) {
        const written = await trial.put(`/${typeof metadata}`, 'content', { metadata });
        if (trial.capabilities.metadata === 'any') assert.deepEqual(written.metadata, {});
        else assert.match(written.metadata?.['mode'] ?? '', /^100[0-7]{3}$/);
        await assertMetadata(trial, written.path, written.metadata ?? {});
      }
    },
  },
  {
    name: 'a file that is replaced loses its metadata, but not its mode where that is all there is',
    unless: withoutMetadata,
    run: async (trial) => {
      const metadata = sample(trial.capabilities);
      await trial.put('/file', 'first', { metadata });
      await trial.put('/file', 'second');
      await assertMetadata(trial, '/file', trial.capabilities.metadata === 'any' ? {} : metadata);
    },
  },
  {
    name: 'a write that is refused leaves the old metadata',
    unless: (capabilities) =>
      capabilities.preconditions === 'none' ? 'the store has no preconditions' : withoutMetadata(capabilities),
    run: async (trial) => {
      const metadata = sample(trial.capabilities);
      await trial.put('/file', 'content', { metadata });
      const other = { metadata: { mode: '100600' }, ifRevision: null };
      await expectStoreError(() => trial.store.write('/file', bytesSource('other'), other), 'Conflict');
      await assertMetadata(trial, '/file', metadata);
    },
  },
  {
    name: 'a large file that is uploaded in parts has its metadata, and so has its copy',
    unless: (capabilities) =>
      capabilities.resumableFrom > largestUpload
        ? 'the store does not upload in parts, or only what is too large here'
        : withoutMetadata(capabilities),
    run: async (trial) => {
      const metadata = sample(trial.capabilities);
      const bytes = sampleBytes(trial.capabilities.resumableFrom + 1);
      const resume = { save: () => {} };
      const written = await trial.put('/large', bytes, { metadata, resume });
      assert.deepEqual(written.metadata, metadata);
      await assertMetadata(trial, '/large', metadata);
      await trial.settled(trial.store.copy('/large', '/copy'));
      await assertMetadata(trial, '/copy', metadata);
    },
  },
  {
    name: 'copy and move keep metadata, of files in directories too',
    unless: withoutMetadata,
    run: async (trial) => {
      const metadata = sample(trial.capabilities);
      await trial.put('/file', 'content', { metadata });
      await trial.put('/d/inner', 'content', { metadata });
      await trial.settled(trial.store.copy('/file', '/copied'));
      await trial.settled(trial.store.move('/file', '/moved'));
      await trial.settled(trial.store.copy('/d', '/e'));
      await trial.settled(trial.store.move('/d', '/f'));
      for (const path of ['/copied', '/moved', '/e/inner', '/f/inner']) await assertMetadata(trial, path, metadata);
    },
  },
  {
    name: 'texts of metadata are kept exactly, whatever they hold',
    unless: onlyAny,
    run: async (trial) => {
      for (const [index, text] of hostileTexts.entries()) {
        const metadata = { 'user.some-name.1': text, mode: '100644' };
        await trial.put(`/${index}`, 'content', { metadata });
        await assertMetadata(trial, `/${index}`, metadata);
        await trial.settled(trial.store.copy(`/${index}`, '/copy'));
        await assertMetadata(trial, '/copy', metadata);
      }
    },
  },
  {
    name: 'as many bytes of metadata as the store takes are kept, and more are TooLarge',
    unless: (capabilities) =>
      capabilities.maxMetadataBytes > 1 << 20 ? 'the store takes too much to be tested' : onlyAny(capabilities),
    run: async (trial) => {
      const most = { note: 'x'.repeat(trial.capabilities.maxMetadataBytes - 4) };
      const over = { note: `${most.note}x` };
      await trial.put('/file', 'content', { metadata: most });
      await expectStoreError(() => trial.store.write('/file', bytesSource('new'), { metadata: over }), 'TooLarge');
      await expectStoreError(() => trial.store.setMetadata('/file', over), 'TooLarge');
      await assertMetadata(trial, '/file', most);
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'metadata that the store does not keep is Unsupported and changes nothing',
    unless: ({ metadata }) => (metadata === 'any' ? 'the store keeps any metadata' : undefined),
    run: async (trial) => {
      const refused = trial.capabilities.metadata === 'none' ? { mode: '100755' } : { uid: '1000' };
      await trial.put('/file', 'old');
      for (const path of ['/file', '/new']) {
        const write = { metadata: refused };
        await expectStoreError(() => trial.store.write(path, bytesSource('new'), write), 'Unsupported');
        await expectStoreError(() => trial.store.setMetadata(path, refused), 'Unsupported');
      }
      assert.deepEqual(await trial.tree(), { '/file': 'old' });
      await trial.put('/file', 'new', { metadata: {} });
    },
  },
  {
    name: 'names and texts of metadata that are none are a TypeError',
    unless: withoutMetadata,
    run: async (trial) => {
      await trial.put('/file', 'old');
      const bad: readonly Metadata[] = [
        ...['', 'mtime', 'Mode', '-a', '.a', '_a', 'a_b', 'a b', 'a:b', 'ä', 'a\n'].map((name) => ({ [name]: 'x' })),
        { mode: 'half a pair \ud83d' },
      ];
      for (const metadata of bad) {
        const write = (): Promise<unknown> => trial.store.write('/file', bytesSource('new'), { metadata });
        const set = (): Promise<unknown> => trial.store.setMetadata('/file', metadata);
        for (const call of [write, set]) assert.ok((await expectFailure(call, 'a TypeError')) instanceof TypeError);
      }
      assert.deepEqual(await trial.tree(), { '/file': 'old' });
    },
  },
];

/** Fails unless `stat` tells exactly this metadata, and `read` this or nothing. */
export async function assertMetadata(trial: Trial, path: string, expected: Metadata): Promise<void> {
  assert.deepEqual((await trial.file(path)).metadata, expected, `stat of ${path}`);
  const { entry, body } = await trial.store.read(path);
  if (entry.metadata !== undefined) assert.deepEqual(entry.metadata, expected, `read of ${path}`);
  for await (const _chunk of body) break;
}

/** Metadata that a store of these capabilities keeps. */
export function sample({ metadata }: Capabilities): Metadata {
  return metadata === 'any'
    ? { mode: '100751', uid: '1000', 'user.some-name.1': 'a plain text', '0': 'beside' }
    : { mode: '100751' };
}

function onlyAny({ metadata }: Capabilities): string | undefined {
  return metadata === 'any' ? undefined : 'the store does not keep any metadata';
}

const hostileTexts: readonly string[] = [
  '',
  ' ',
  ' spaces around ',
  'two  spaces',
  'naïve ☕ 日本語 😀',
  'lines\nof\r\ntext\tand\0others\u0001\u007f\u0085\uffff',
  '=?UTF-8?Q?caf=C3=A9?= =?utf-8?B?w6k=?=',
  "UTF-8''caf%C3%A9",
  '100% of %41 + \\x',
  `<a href="x">&amp;</a>, 'quoted'; "twice"]]>`,
  '{"json":[1]}',
];
