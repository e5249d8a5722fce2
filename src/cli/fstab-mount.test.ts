import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mountCommand, runFstabMount } from './fstab-mount.ts';

describe('mountCommand', () => {
  it('makes of the words of mount(8) those of the command', () => {
    const command = mountCommand(['/etc/files.ini', '/mnt/files', '-n', '-o', 'rw,noauto,_netdev,x-systemd.automount']);
    assert.deepEqual(command, [
      'mount',
      '--config',
      '/etc/files.ini',
      '--source',
      '/etc/files.ini',
      '--',
      '/mnt/files',
    ]);
    const options = mountCommand(['/a', '/b', '-o', 'ro,allow_other', '-o', 'log=debug,profile'])?.slice(5, -2);
    assert.deepEqual(options, ['--read-only', '--allow-other', '--log', 'debug', '--profile']);
    assert.deepEqual(mountCommand(['/a', '/b', '-r'])?.slice(5, -2), ['--read-only']);
  });

  it('does nothing when it is only asked whether it could', () => {
    assert.equal(mountCommand(['-f', '/a', '/b']), undefined);
  });

  it('refuses what it does not understand', () => {
    assert.throws(() => mountCommand(['/a']), /usage: mount -t cloudfusion/);
    assert.throws(() => mountCommand(['a.ini', '/b']), /absolute path of a configuration file, not "a.ini"/);
    assert.throws(
      () => mountCommand(['/a', '/b', '-o', 'allow_others']),
      /"allow_others" \(did you mean "allow_other"\?\)/,
    );
    assert.throws(() => mountCommand(['/a', '/b', '--what']), /--what/);
  });
});

describe('runFstabMount', () => {
  it('exits as mount(8) documents', async () => {
    assert.equal(await runFstabMount(['-f', '/a', '/b']), 0);
    assert.equal(await runFstabMount(['/a']), 1);
    assert.equal(await runFstabMount(['/nowhere/files.ini', '/nowhere/mnt']), 32);
  });
});
