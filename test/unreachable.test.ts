/** Unreachable is not deleted: whatever stands between us and the service, nothing vanishes, and all goes on by itself. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DrainError } from '../src/cache/drain-error.ts';
import { Errno } from '../src/fuse/errno.ts';
import { writeBytes } from '../src/store/operations.ts';
import { errnoOf } from '../src/vfs/errno-of.ts';
import { CacheTrial, contentsOf, until } from './fakes/cache-trial.ts';
import { type Service, services } from './unreachable/services.ts';
import { type WayAway, waysAway } from './unreachable/ways-away.ts';

/** Longer than a call that asks a service in vain may take, with the repetitions of its provider. In milliseconds. */
const seconds = 12_000;

const before = {
  '/known': null,
  '/known/cached': 'cached',
  '/known/cold': 'cold',
  '/known/gone': 'gone',
  '/new': null,
  '/new/x': 'x',
};
const after = {
  '/known': null,
  '/known/cached': 'changed',
  '/known/made': 'made',
  '/known/moved': 'cold',
  '/new': null,
  '/new/x': 'x',
};

describe('unreachable is not deleted', { concurrency: 22, timeout: 300_000 }, () => {
  for (const [serviceName, start] of Object.entries(services))
    for (const [wayName, way] of Object.entries(waysAway))
      it(`${serviceName}: ${wayName}`, { timeout: 90_000 }, async (t) => {
        await using service = await start();
        const trial = await knownCache(t, service);
        await way.begin(service);
        await serves(trial, way);
        await takesChanges(trial);
        await tellsTheTruth(trial, service);
        await nothingVanished(trial);
        await service.gateway.comeBack();
        service.client.isNameKnown = true;
        service.gateway.conduct = (incoming, outgoing) => service.gateway.pass(incoming, outgoing);
        await until(() => trial.cache.pending().length === 0);
        assert.deepEqual(await contentsOf(service.direct), after);
        assert.deepEqual(
          await Array.fromAsync(trial.cache.list('/', { recursive: true }), ({ path }) => path).then((paths) =>
            paths.sort(),
          ),
          Object.keys(after),
        );
        assert.equal(await trial.text('/known/moved'), 'cold');
        assert.deepEqual(
          trial.cache.problems().filter(({ kind }) => kind !== 'upload'),
          [],
        );
      });
});

/** A cache that knows `/known` and not `/new`, and believes in what it knows no longer. */
async function knownCache(t: TestContext, { store }: Service): Promise<CacheTrial> {
  for (const [path, content] of Object.entries(before)) if (content !== null) await writeBytes(store, path, content);
  const trial = new CacheTrial(t, { store, metadataTime: 50, timeout: 5000, uploadDelay: 20 });
  assert.equal(await trial.text('/known/cached'), 'cached');
  await trial.id('/new');
  await sleep(60);
  return trial;
}

async function serves(trial: CacheTrial, way: WayAway): Promise<void> {
  const known = await trial.tree.list(await trial.id('/known'));
  assert.deepEqual(known.map(({ shownName }) => shownName).sort(), ['cached', 'cold', 'gone']);
  assert.equal(await trial.text('/known/cached'), 'cached');
  const began = performance.now();
  await failsAs(way, trial.text('/known/cold'));
  if (way.isPartial !== true) await failsAs(way, trial.id('/new/x'));
  assert.ok(performance.now() - began < 2 * seconds);
}

async function failsAs({ errno = ['EIO', 'ETIMEDOUT'] }: WayAway, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    const told = errnoOf(error);
    assert.ok(told instanceof Errno && errno.includes(told.code), String(error));
    return true;
  });
}

async function takesChanges(trial: CacheTrial): Promise<void> {
  await trial.save('/known/cached', 'changed');
  await trial.save('/known/made', 'made');
  await trial.rename('/known/cold', '/known/moved');
  await trial.remove('/known/gone');
}

/** Of what is sent: `drain` either says that it is not all, or all is there. */
async function tellsTheTruth(trial: CacheTrial, { direct }: Service): Promise<void> {
  const outcome = await trial.cache.drain().then(
    () => 'done',
    (error: unknown) => error,
  );
  if (outcome === 'done') return assert.deepEqual(await contentsOf(direct), after);
  assert.ok(outcome instanceof DrainError, String(outcome));
  for (const [path, content] of Object.entries(await contentsOf(direct))) {
    const was = (before as Record<string, unknown>)[path];
    const is = (after as Record<string, unknown>)[path];
    assert.ok(content === was || content === is, `${path} holds ${content}`);
  }
}

async function nothingVanished(trial: CacheTrial): Promise<void> {
  await sleep(60);
  const known = await trial.tree.list(await trial.id('/known'));
  assert.deepEqual(known.map(({ shownName }) => shownName).sort(), ['cached', 'made', 'moved']);
  assert.equal(await trial.text('/known/cached'), 'changed');
  assert.equal(await trial.text('/known/made'), 'made');
}
