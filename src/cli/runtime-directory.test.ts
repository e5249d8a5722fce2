import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makePrivateDirectory, socketPathsOf } from './runtime-directory.ts';

describe('socketPathsOf', () => {
  it('prefers XDG_RUNTIME_DIR, then the home directory', () => {
    const [first, second] = socketPathsOf('/mnt', { XDG_RUNTIME_DIR: '/run/x', HOME: '/home/you' });
    assert.match(first!, /^\/run\/x\/cloudfusion\/[0-9a-f]{16}\.sock$/);
    assert.match(second!, /^\/home\/you\/\.cache\/cloudfusion\/run\/[0-9a-f]{16}\.sock$/);
  });

  it('ignores a relative XDG_RUNTIME_DIR', () => {
    assert.ok(socketPathsOf('/mnt', { XDG_RUNTIME_DIR: 'x', HOME: '/h' })[0]?.startsWith('/h/'));
  });

  it('is the same for one mount point, and another one for another', () => {
    const environment = { HOME: '/h' };
    assert.deepEqual(socketPathsOf('/a', environment), socketPathsOf('/a', environment));
    assert.notDeepEqual(socketPathsOf('/a', environment), socketPathsOf('/b', environment));
  });

  it('never answers a path that is too long for a socket, and always answers one', () => {
    const long = `/${'ü'.repeat(60)}`;
    const paths = socketPathsOf(`${long}/mnt`, { XDG_RUNTIME_DIR: long, HOME: long });
    assert.ok(paths.length > 0);
    for (const path of paths) assert.ok(Buffer.byteLength(path) <= 107, path);
  });
});

describe('makePrivateDirectory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
  after(() => rmSync(directory, { recursive: true }));

  it('makes it, with its parents, for this user alone', () => {
    makePrivateDirectory(join(directory, 'a/b'));
    assert.equal(statSync(join(directory, 'a/b')).mode & 0o777, 0o700);
  });

  it('closes one that was open to others', () => {
    const open = join(directory, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    makePrivateDirectory(open);
    assert.equal(statSync(open).mode & 0o777, 0o700);
  });

  it('does not follow a link', () => {
    symlinkSync(directory, join(directory, 'link'));
    assert.throws(() => makePrivateDirectory(join(directory, 'link')), /is not a directory of this user/);
  });
});
