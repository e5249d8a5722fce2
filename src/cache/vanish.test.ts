import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import type { Call } from '../store/intercept.ts';

/** What the user does, by the call that it becomes. */
interface Change {
  readonly operation: Call['operation'];
  /** Where what was changed stands afterwards. */
  readonly path?: string;
  readonly make: (trial: CacheTrial) => Promise<unknown>;
}

const changes: Readonly<Record<string, Change>> = {
  'a file is removed': { operation: 'delete', make: (trial) => trial.remove('/d/f') },
  'a directory is removed': { operation: 'deleteAll', make: (trial) => trial.remove('/d/empty', 'directory') },
  'a file is written': { operation: 'write', path: '/d/f', make: (trial) => trial.save('/d/f', 'new') },
  'a file is made': { operation: 'write', path: '/d/new', make: (trial) => trial.save('/d/new', 'new') },
  'a directory is made': { operation: 'makeDirectory', path: '/d/new', make: (trial) => trial.makeDirectory('/d/new') },
  'a file is renamed': move('/d/f', '/d/new'),
  'a file is moved out': move('/d/f', '/new'),
  'a file is moved over': move('/d/f', '/e/new'),
  'a directory is renamed': move('/d/s', '/d/new'),
  'a directory is moved out': move('/d/s', '/new'),
  'a directory is moved over': move('/d/s', '/e/new'),
  'the directory itself is renamed': move('/d', '/new'),
};

function move(from: string, to: string): Change {
  return { operation: 'move', path: to, make: (trial) => trial.rename(from, to) };
}

/** What the user does with it after the directory was deleted. */
const afterwards = ['nothing', 'removed', 'moved on', 'edited'] as const;

interface Case {
  readonly change: Change;
  /** The directories that somebody deletes at the store. */
  readonly gone: readonly string[];
  /** Before the call arrives there, or after. */
  readonly when: 'before' | 'after';
  /** Whether the cache learns of it at once. */
  readonly seen: boolean;
  readonly next: (typeof afterwards)[number];
}

describe('a directory that somebody deletes while a call is under way whose answer is lost', {
  concurrency: 64,
}, () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const gone of change.path === '/e/new' ? [['/d'], ['/e'], ['/d', '/e']] : [['/d']])
      for (const when of ['before', 'after'] as const)
        for (const seen of [true, false])
          for (const next of change.path === undefined ? (['nothing'] as const) : afterwards) {
            const name = `${what}, ${gone.join(' and ')} deleted ${when} that${seen ? ' and seen' : ''}, then ${next}`;
            it(name, { timeout: 60_000 }, (t) => settles(t, { change, gone, when, seen, next }));
          }
  }
});

/** Whatever comes of it: nothing stays pending, both sides agree, and no edit is lost. */
async function settles(t: TestContext, { change, gone, when, seen, next }: Case): Promise<void> {
  const { trial, store } = await prepared(t);
  await change.make(trial);
  const { drained } = await send(trial, change, when);
  for (const path of gone) await store.delete(path, { recursive: true });
  if (seen) await look(trial);
  const edited = await goOn(trial, change, next);
  if (seen) await look(trial);
  trial.faults.resume();
  await until(() => hasEnded(trial, change));
  trial.faults.heal();
  await drained;
  await trial.cache.drain();
  assert.deepEqual(trial.cache.pending(), []);
  const found = await contentsOf(store);
  await until(async () => isDeepStrictEqual(await contentsOf(trial.cache), found));
  assert.equal(Object.values(found).includes('edited'), edited);
}

/** A cache that believes nothing for long, and that knows what the store has but none of its content. */
async function prepared(t: TestContext): Promise<{ trial: CacheTrial; store: MemoryStore }> {
  const store = new MemoryStore();
  const trial = new CacheTrial(t, { store, metadataTime: 1 });
  for (const path of ['/d/f', '/d/s/deep', '/e/other']) await writeBytes(store, path, `at ${path}`);
  await store.makeDirectory('/d/empty');
  for (const path of ['/d/f', '/d/s/deep', '/d/empty', '/e/other']) await trial.id(path);
  return { trial, store };
}

/** Begins to send. The call is held before it arrives, or was answered in vain, and nobody can look what came of it. */
async function send(trial: CacheTrial, change: Change, when: Case['when']): Promise<{ drained: Promise<void> }> {
  trial.faults.lostAnswerRate = 1;
  if (when === 'before') trial.faults.pause(({ operation }) => operation === change.operation);
  else trial.faults.fail = ({ operation }) => (operation === 'stat' ? new StoreError('Unavailable') : undefined);
  const drained = trial.cache.drain();
  if (when === 'before') await trial.faults.held();
  else await until(() => hasEnded(trial, change));
  return { drained };
}

function hasEnded(trial: CacheTrial, { operation }: Change): boolean {
  return trial.seen.some(({ call, outcome }) => call.operation === operation && outcome !== 'running');
}

/** Lets the cache list what it has to list. */
async function look(trial: CacheTrial): Promise<void> {
  for (const path of ['/d/f', '/e/other']) await trial.find(path);
}

/** Does what the user does next, if what he changed is still there. The answer is whether he edited it. */
async function goOn(trial: CacheTrial, { path }: Change, next: Case['next']): Promise<boolean> {
  const node = path === undefined ? undefined : await trial.find(path);
  if (path === undefined || node === undefined) return false;
  if (next === 'removed' && node.kind === 'file') await trial.remove(path);
  if (next === 'moved on') await trial.rename(path, '/moved');
  if (next !== 'edited' || node.kind === 'directory') return false;
  await trial.save(path, 'edited');
  return true;
}
