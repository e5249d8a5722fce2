import assert from 'node:assert/strict';
import { retryAfterOf, statusError } from '../../../src/http/status-error.ts';
import type { HttpHeaders } from '../../../src/http/http-request.ts';
import { crc32Of } from '../../../src/providers/bucket/xml-protocol/crc32-sum.ts';
import { readSumOf } from '../../../src/providers/bucket/xml-protocol/read-sum.ts';
import { carriedHeaders, fileOfHeaders, md5Of } from '../../../src/providers/bucket/xml-protocol/stored-headers.ts';
import { decodeCrc32c } from '../../../src/providers/gcs/crc32c.ts';
import { sumInHeaders } from '../../../src/providers/gcs/google-body.ts';
import { parseChallenges, parseParameters } from '../../../src/providers/webdav/auth-challenge.ts';
import { namesOfHref, pathBelow } from '../../../src/providers/webdav/dav-path.ts';
import { digestRank, DigestSession } from '../../../src/providers/webdav/digest-session.ts';
import { timeOf } from '../../../src/providers/webdav/multistatus.ts';
import { redirectOf } from '../../../src/providers/webdav/redirect.ts';
import { isEtag, opaqueTag, revisionOf } from '../../../src/providers/webdav/revision.ts';
import { traitsOf } from '../../../src/providers/webdav/server-traits.ts';
import { assertCanonical } from '../../../src/store/path.ts';
import { plainTarget, type FuzzTarget } from '../fuzz-target.ts';
import { mutated, oneOf } from '../mutation.ts';
import { asStoresDo } from '../sound-answers.ts';

const samples: readonly Buffer[] = [
  'retry-after: 120\nlast-modified: Sat, 12 Oct 2009 17:50:30 GMT\netag: "828ef3fdfa96f00ad9f27c383fc9ac7f"\ncontent-length: 434234\ncontent-range: bytes 0-9/443',
  'etag: W/"xyz"\nx-amz-checksum-crc32: AAAAAA==\nx-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nx-amz-meta-mtime: 1591972800.25\nx-amz-meta-mode: 100644',
  'x-goog-hash: crc32c=n03x6A==, md5=Ojk9c3dhfxgoKVVHYwFbHQ==\nx-goog-generation: 1360887759327000\nx-goog-stored-content-length: 11',
  'www-authenticate: Digest realm="files", qop="auth,auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4", opaque="FQhe/qaU925kfnzjCev0", Basic realm="a\\"b", charset="UTF-8"',
  'location: https://cloud.example/remote.php/dav/files/anna/a%20b?x=1\nretry-after: Fri, 31 Dec 2099 23:59:59 GMT',
  'dav: 1, 3, extended-mkcol, <http://apache.org/dav/propset/fs/1>\nserver: lighttpd/1.4.69\nhref: /remote.php/dav/files/anna/%C3%BC/b',
].map((text) => Buffer.from(text));

/** What is read out of headers: dates, ranges, checksums, challenges, addresses. */
export const headersTarget: FuzzTarget = plainTarget({
  name: 'headers',
  share: 1,
  make: (random) => mutated(random, oneOf(random, samples), samples),
  async take(input) {
    const headers = headersIn(input.toString('latin1'));
    for (const value of Object.values(headers)) if (value !== undefined) readValue(value);
    const wait = retryAfterOf(headers);
    assert.ok(wait === undefined || wait >= 0, `a wait of ${wait}`);
    statusError(503, headers);
    await asStoresDo(() => {
      const { size, modified } = fileOfHeaders('a', headers);
      assert.ok(Number.isSafeInteger(size) && size >= 0 && Number.isFinite(modified));
    });
    for (const read of [readSumOf, carriedHeaders, sumInHeaders]) read(headers);
    traitsOf('/', headers);
    for (const origin of ['http://127.0.0.1', 'https://127.0.0.1'])
      await asStoresDo(() => redirectOf({ status: 301, headers }, { origin, path: '/a' }));
  },
});

function readValue(value: string): void {
  for (const challenge of parseChallenges(value)) {
    if (digestRank(challenge) === undefined) continue;
    const session = new DigestSession(challenge, { user: 'anna', password: 'secret' });
    session.goOnWith(parseParameters(value)['nextnonce'] ?? session.nonce);
  }
  const names = namesOfHref(value);
  const path = names === undefined ? undefined : pathBelow(['remote.php'], names);
  if (path !== undefined) assertCanonical(path);
  assert.ok(timeOf(value) === undefined || Number.isFinite(timeOf(value)));
  const tag = opaqueTag(value);
  if (tag !== undefined) isEtag(tag);
  revisionOf({ etag: value, size: 1, modified: 1 });
  for (const read of [crc32Of, decodeCrc32c, md5Of]) read(value);
}

function headersIn(text: string): HttpHeaders {
  const lines = text.split('\n').map((line) => /^([^:]*): ?(.*)$/.exec(line));
  return Object.fromEntries(lines.map((found) => [found?.[1]?.toLowerCase() ?? '', found?.[2] ?? '']));
}
