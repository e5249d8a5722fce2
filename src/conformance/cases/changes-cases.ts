import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { isInside } from '../../store/path.ts';
import type { Capabilities, ChangesOptions, Store, ToldChange } from '../../store/store.ts';
import { expectFailure, expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';

/** Milliseconds within which a change is told, and between two questions for it. */
const patience = 20_000;
const interval = 100;
/** Long enough that an answer within it was no coincidence, in milliseconds. */
const longWait = 60_000;

/** Law 11: `changes`. */
export const changesCases: readonly StoreCase[] = [
  {
    name: 'changes is Unsupported where the store does not tell them',
    unless: ({ changes }) => (changes === 'none' ? undefined : 'the store tells what changed'),
    run: async ({ store }) => void (await expectStoreError(() => store.changes(undefined), 'Unsupported')),
  },
  {
    name: 'changes tells every kind of change since a position, and nothing when nothing changed',
    unless: withoutChanges,
    run: async (trial) => {
      const { store } = trial;
      for (const path of ['/d/changed', '/d/gone', '/d/from', '/old/below']) await trial.put(path);
      const start = await quietPosition(store);
      assert.deepEqual(await answers(store, start), { paths: new Map(), position: start });
      await trial.put('/d/changed', 'other');
      await trial.put('/d/new', 'new');
      await trial.settled(store.delete('/d/gone'));
      await trial.settled(store.move('/d/from', '/d/to'));
      await trial.settled(store.makeDirectory('/made'));
      await trial.settled(store.move('/old', '/moved'));
      await trial.settled(store.copy('/d/new', '/copied'));
      const wanted = ['/d/changed', '/d/new', '/d/gone', '/d/from', '/d/to', '/made', '/old', '/moved', '/copied'];
      const seen = await toldSince(store, start, (told) => wanted.every((path) => isTold(told, path)));
      for (const [path, entry] of seen) await assertRight(trial, path, entry);
    },
  },
  {
    name: 'changes says until when nothing is left out, no earlier than the call and not ahead of time',
    unless: withoutChanges,
    run: async ({ store }) => {
      const position = await quietPosition(store);
      for (const wait of [0, interval]) {
        const asked = Date.now();
        const { until = asked } = await store.changes(position, { wait });
        assert.ok(until >= asked && until <= Date.now(), `asked at ${asked}, until ${until}`);
      }
    },
  },
  {
    name: 'changes tells all, also when they are many',
    unless: withoutChanges,
    run: async (trial) => {
      const { position } = await trial.store.changes(undefined);
      const paths = Array.from({ length: 130 }, (_, i) => `/many/f${i}`);
      for (let i = 0; i < paths.length; i += 10)
        await Promise.all(paths.slice(i, i + 10).map((path) => trial.put(path, 'x')));
      await toldSince(trial.store, position, (told) => paths.every((path) => isTold(told, path)));
    },
  },
  {
    name: 'a position that the store does not know is answered by everything',
    unless: withoutChanges,
    run: async ({ store }) => {
      const { everything, position } = await store.changes('never a position');
      assert.equal(everything, true);
      assert.equal((await store.changes(position)).everything, false);
    },
  },
  {
    name: 'changes that waits is answered when something changes',
    unless: withoutWaiting,
    run: async (trial) => {
      const position = await quietPosition(trial.store);
      const began = Date.now();
      const answer = toldSince(trial.store, position, (told) => isTold(told, '/d/new'), { wait: longWait });
      await trial.put('/d/new');
      await answer;
      assert.ok(Date.now() - began < longWait, 'it only came when the wait was over');
    },
  },
  {
    name: 'changes that waits ends with its signal',
    unless: withoutWaiting,
    run: async ({ store }) => {
      const position = await quietPosition(store);
      const controller = new AbortController();
      const waiting = expectFailure(
        () => store.changes(position, { wait: longWait, signal: controller.signal }),
        'the reason of the signal',
      );
      await setTimeout(interval);
      controller.abort(new Error('enough'));
      assert.equal(await waiting, controller.signal.reason);
    },
  },
];

function withoutChanges({ changes }: Capabilities): string | undefined {
  return changes === 'none' ? 'the store does not tell what changed' : undefined;
}

function withoutWaiting({ changes }: Capabilities): string | undefined {
  return changes === 'wait' ? undefined : 'the store does not wait for changes';
}

type Told = Map<string, ToldChange['entry']>;

/** Whether a path was told, or a directory above it, which counts for all below. */
function isTold(told: Told, path: string): boolean {
  return told.has(path) || told.keys().some((above) => isInside(path, above) && told.get(above)?.kind !== 'file');
}

/** What a change tells of a path is what stands there now: the case changes nothing any more. */
async function assertRight({ store }: Trial, path: string, entry: ToldChange['entry']): Promise<void> {
  if (entry === undefined) return;
  if (entry === null) return void (await expectStoreError(() => store.stat(path), 'NotFound'));
  const standing = await store.stat(path);
  assert.deepEqual([entry.path, entry.kind], [path, standing.kind]);
  if (entry.kind === 'file' && standing.kind === 'file')
    assert.deepEqual([entry.size, entry.revision], [standing.size, standing.revision]);
}

/** Asks from `position` on until `enough`; the last that was told of each path. */
async function toldSince(
  store: Store,
  position: string,
  enough: (told: Told) => boolean,
  options: ChangesOptions = {},
): Promise<Told> {
  const told: Told = new Map();
  const end = Date.now() + Math.max(patience, options.wait ?? 0);
  for (let at = position; ; ) {
    const { paths, position: next } = await answers(store, at, options);
    at = next;
    for (const [path, entry] of paths) told.set(path, entry);
    if (enough(told)) return told;
    assert.ok(Date.now() < end, `only these were told: ${[...told.keys()].join(' ')}`);
    await setTimeout(interval);
  }
}

/** All answers until there are no more for now. */
async function answers(
  store: Store,
  since: string,
  options: ChangesOptions = {},
): Promise<{ paths: Told; position: string }> {
  const paths: Told = new Map();
  for (let position = since; ; ) {
    const answer = await store.changes(position, options);
    assert.equal(answer.everything, false);
    for (const { path, entry } of answer.told) paths.set(path, entry);
    if (!answer.more) return { paths, position: answer.position };
    assert.notEqual(answer.position, position, 'there is more, but the position stays');
    position = answer.position;
  }
}

/** A position behind everything that was changed so far, which services may tell late. */
async function quietPosition(store: Store): Promise<string> {
  let { position } = await store.changes(undefined);
  for (;;) {
    await setTimeout(interval);
    const next = await answers(store, position);
    if (next.paths.size === 0) return next.position;
    position = next.position;
  }
}
