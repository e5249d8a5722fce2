import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Errno, type ErrnoName } from '../fuse/errno.ts';
import { StoreError, type StoreErrorCode } from '../store/errors.ts';
import { timedOut } from '../store/timed-out.ts';
import { errnoOf } from './errno-of.ts';

const table: Readonly<Record<StoreErrorCode, ErrnoName>> = {
  NotFound: 'ENOENT',
  AlreadyExists: 'EEXIST',
  NotADirectory: 'ENOTDIR',
  IsADirectory: 'EISDIR',
  NotEmpty: 'ENOTEMPTY',
  InvalidPath: 'EINVAL',
  Unsupported: 'ENOTSUP',
  Unauthenticated: 'EACCES',
  PermissionDenied: 'EACCES',
  QuotaExceeded: 'ENOSPC',
  TooLarge: 'EFBIG',
  Conflict: 'ESTALE',
  RateLimited: 'EIO',
  Unavailable: 'EIO',
  Corrupt: 'EIO',
};

describe('errnoOf', () => {
  for (const [code, name] of Object.entries(table) as [StoreErrorCode, ErrnoName][])
    it(`answers ${name} for ${code}`, () => assert.equal(errnoOf(new StoreError(code)), Errno.of(name)));

  it('answers ETIMEDOUT for a service that let a request time out', () => {
    const timeout = new DOMException('too late', 'TimeoutError');
    const cause = new Error('fetch failed', { cause: timeout });
    assert.equal(errnoOf(new StoreError('Unavailable', { cause })), Errno.of('ETIMEDOUT'));
    const system = Object.assign(new Error('connect'), { code: 'ETIMEDOUT' });
    assert.equal(errnoOf(new StoreError('Unavailable', { cause: system })), Errno.of('ETIMEDOUT'));
    for (const code of ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']) {
      const silent = Object.assign(new Error('silent'), { code });
      assert.equal(errnoOf(new StoreError('Unavailable', { cause: silent })), Errno.of('ETIMEDOUT'), code);
    }
    assert.equal(errnoOf(timedOut(5, { path: '/a' })), Errno.of('ETIMEDOUT'));
  });

  it('answers EINTR for the reason of an interrupted request, and for nothing else', () => {
    const reason = new Error('interrupted');
    assert.equal(errnoOf(reason, AbortSignal.abort(reason)), Errno.of('EINTR'));
    assert.equal(errnoOf(reason), reason);
  });

  it('tells a full disk apart', () => {
    assert.equal(errnoOf(Object.assign(new Error('write'), { code: 'ENOSPC' })), Errno.of('ENOSPC'));
    assert.equal(errnoOf(Object.assign(new Error('write'), { code: 'EDQUOT' })), Errno.of('EDQUOT'));
    assert.equal(errnoOf(Object.assign(new Error('write'), { code: 'EROFS' })), Errno.of('EROFS'));
  });

  it('hands on what it does not know, for the session to report', () => {
    const mistake = new TypeError('a mistake');
    assert.equal(errnoOf(mistake), mistake);
    const disk = Object.assign(new Error('open'), { code: 'EACCES' });
    assert.equal(errnoOf(disk), disk);
  });

  it('keeps an Errno', () => assert.equal(errnoOf(Errno.of('ENXIO')), Errno.of('ENXIO')));
});
