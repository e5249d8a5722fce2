import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../config/configuration-error.ts';
import { DirectoryInUseError } from '../database/exclusive-lock.ts';
import { MountError } from '../fuse/mount-error.ts';
import { StoreError } from '../store/errors.ts';
import { CommandError } from './command-error.ts';
import { type ExitReason, exitCodes } from './exit-codes.ts';
import { failureOf } from './failure.ts';

describe('exit codes', () => {
  it('stay what scripts rely on', () => {
    assert.deepEqual(exitCodes, {
      ok: 0,
      failed: 1,
      usage: 2,
      configuration: 3,
      cannotMount: 4,
      notMounted: 5,
      store: 6,
      busy: 7,
      inUse: 8,
      interrupted: 130,
    });
  });

  it('are all in the guide', () => {
    const guide = readFileSync(new URL('../../docs/guide/mount.md', import.meta.url), 'utf8');
    for (const code of Object.values(exitCodes)) assert.match(guide, new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('failureOf', () => {
  const errors: [unknown, ExitReason][] = [
    [new CommandError('notMounted', 'no'), 'notMounted'],
    [new ConfigurationError('no', 3), 'configuration'],
    [new StoreError('Unauthenticated', { message: 'no' }), 'store'],
    [new DirectoryInUseError('/cache', 42), 'busy'],
    [new MountError('NotEmpty', '/mnt', 'no'), 'cannotMount'],
    [Object.assign(new Error('no'), { name: 'ConfigurationError' }), 'configuration'],
    [new Error('no'), 'failed'],
    ['no', 'failed'],
  ];
  for (const [error, reason] of errors)
    it(`tells ${error instanceof Error ? error.name : 'a text'} as ${reason}`, () => {
      assert.equal(failureOf(error).reason, reason);
      assert.match(failureOf(error).message, /no|process 42/);
    });

  it('says what can be done where FUSE is missing', () => {
    assert.match(failureOf(new MountError('NoDevice', '/mnt', 'no')).message, /modprobe fuse/);
    assert.match(failureOf(new MountError('NoHelper', '/mnt', 'no')).message, /fuse3/);
  });
});
