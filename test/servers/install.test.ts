import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { install, type Machine } from './install.ts';
import { missingPackages } from './installed.ts';

describe('installing packages', () => {
  let folder: string;
  let ran: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'install-'));
    ran = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const machine = (isRoot: boolean, fails?: RegExp): Machine => ({
    isRoot,
    servicePolicy: join(folder, 'policy-rc.d'),
    run: (command, args) => {
      ran.push([command, ...args].join(' '));
      return fails?.test(ran.at(-1) ?? '') === true ? { status: 100, output: 'no network' } : { status: 0, output: '' };
    },
  });
  const policy = (): string => readFileSync(join(folder, 'policy-rc.d'), 'utf8');

  it('does nothing when none is missing', () => {
    assert.equal(install([], machine(true)), undefined);
    assert.deepEqual(ran, []);
  });

  it('is one step as root, in which no service may start', () => {
    const root = machine(true);
    const policies: string[] = [];
    const run: Machine['run'] = (command, args) => {
      policies.push(policy());
      return root.run(command, args);
    };
    assert.equal(install(['a', 'b'], { ...root, run }), undefined);
    assert.deepEqual(ran, ['apt-get update -qq', 'apt-get install -y -qq --no-install-recommends a b']);
    assert.deepEqual(policies, ['#!/bin/sh\nexit 101\n', '#!/bin/sh\nexit 101\n']);
    assert.throws(policy, { code: 'ENOENT' });
  });

  it("leaves the machine's own policy alone", () => {
    writeFileSync(join(folder, 'policy-rc.d'), 'own');
    assert.equal(install(['a'], machine(true)), undefined);
    assert.equal(policy(), 'own');
  });

  it('goes through sudo for others', () => {
    assert.equal(install(['a'], machine(false)), undefined);
    assert.equal(ran.at(-1), 'sudo -n apt-get install -y -qq --no-install-recommends a');
    assert.throws(policy, { code: 'ENOENT' });
  });

  it('says why it could not', () => {
    assert.equal(install(['a'], machine(false, /sudo -n true/)), 'only root can install packages');
    assert.match(install(['a'], machine(true, /apt-get/)) ?? '', /^apt-get failed: no network/);
    assert.throws(policy, { code: 'ENOENT' });
  });

  it('finds what is missing', () => {
    assert.deepEqual(missingPackages(['coreutils', 'cloudfusion-no-such-package']), ['cloudfusion-no-such-package']);
  });
});
