import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreError } from '../store/errors.ts';
import { CacheTrial, until } from '../../test/fakes/cache-trial.ts';
import { DrainError } from './drain-error.ts';
import { Reach } from './reach.ts';

const limit = { timeout: 40_000 };

describe('Reach', () => {
  it('tells that the service is reached again, at once', () => {
    let told = 0;
    const reach = new Reach(() => told++);
    for (const reached of [true, false, false, true, true]) reach.note(reached);
    assert.deepEqual([told, reach.online], [1, true]);
  });

  it('tells of a line that comes and goes once, and again when it has held', limit, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let told = 0;
    const reach = new Reach(() => told++);
    for (let times = 0; times < 10; times++) for (const reached of [false, true]) reach.note(reached);
    assert.equal(told, 1);
    t.mock.timers.tick(5001);
    assert.equal(told, 2);
  });

  it('tells nothing of a line that has gone again, nor after the end', limit, (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let told = 0;
    const reach = new Reach(() => told++);
    for (const reached of [false, true, false, true, false]) reach.note(reached);
    t.mock.timers.tick(5001);
    assert.equal(told, 1);
    for (const reached of [true, false, true]) reach.note(reached);
    reach.close();
    t.mock.timers.tick(5001);
    assert.equal(told, 1);
  });
});

describe('a service that answers some calls and never others', () => {
  it('lets drain give up', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 10 });
    await trial.save('/good', 'x');
    await trial.cache.drain();
    trial.faults.fail = ({ operation, path }) =>
      operation === 'write' && path === '/bad' ? new StoreError('Unavailable', { operation, path }) : undefined;
    await trial.save('/bad', 'x');
    const others = (async () => {
      for (let count = 0; count < 200 && trial.cache.pending().length > 0; count++) {
        await trial.save(`/other${count}`, 'x');
        await until(() => trial.sent().includes(`write /other${count}`));
      }
    })();
    await assert.rejects(trial.cache.drain(), DrainError);
    trial.faults.heal();
    await trial.cache.drain();
    await others;
  });

  it('does not make what fails be tried without a pause', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 10 });
    trial.faults.fail = ({ operation, path }) =>
      operation === 'write' && path === '/bad' ? new StoreError('Unavailable', { operation, path }) : undefined;
    await trial.save('/bad', 'x');
    for (let count = 0; count < 30; count++) {
      await trial.save(`/other${count}`, 'x');
      await until(() => trial.sent().includes(`write /other${count}`));
    }
    const tries = trial.sent().filter((call) => call === 'write /bad').length;
    assert.ok(tries <= 4, `${tries} tries`);
  });
});
