import assert from 'node:assert/strict';
import { parseAttributes } from '../../../src/cache/extended-attributes.ts';
import { permissionsIn } from '../../../src/cache/file-metadata.ts';
import { textOfBytes, metadataIn } from '../../../src/providers/bucket/metadata-text.ts';
import { readState } from '../../../src/providers/bucket/xml-protocol/upload-state.ts';
import { SavableHash } from '../../../src/http/savable-hash.ts';
import { parseSaved as parseSavedSession } from '../../../src/providers/dropbox/saved-session.ts';
import { parseSaved } from '../../../src/providers/google-drive/saved-upload.ts';
import { parseFault } from '../../../src/providers/google/google-error.ts';
import { parseServiceAccountKey } from '../../../src/providers/google/service-account.ts';
import { chunksOf, parseState } from '../../../src/providers/webdav/chunk-state.ts';
import { plainTarget, type FuzzTarget } from '../fuzz-target.ts';
import { mutated, oneOf } from '../mutation.ts';
import { asStoresDo } from '../sound-answers.ts';

const sessionSize = 20_000_000;

const samples: readonly Buffer[] = [
  '{"key":"a/b","upload":"VXBsb2FkIElE","size":12582912,"partSize":8388608,"described":"","parts":"abcdef------"}',
  '{"upload":"cloudfusion-6f9619ff-8b86-4011-b42d-00c04fc964ff","path":"/a","size":31457280,"chunkBytes":10485760}',
  '{"session":"/upload/drive/v3/files?uploadType=resumable&upload_id=x","size":9,"conditions":"a","offset":262144,"state":"3DAx3wAABAAAAAAAn2fVFN9PNxIWYH1TtQF_-QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.a674ae62"}',
  `{"session":"x","size":${sessionSize},"next":1,"hash":"AAAA.fae5","beyond":[[3,"x"]]}`,
  `{"session":"x","size":${sessionSize},"offset":8388608,"hash":"AAAA.fae5"}`,
  '{"error":{"code":403,"message":"The user has exceeded","errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}]}}',
  '{"type":"service_account","client_email":"a@b.example","private_key":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----","token_uri":"https://oauth2.example/token"}',
  '{"user.comment":"aGVsbG8="}',
  '100644',
  '=?utf-8?q?caf=C3=A9?= =?UTF-8?B?8J+YgA==?=',
].map((text) => Buffer.from(text));

/** Texts of our own that were kept somewhere: states of unfinished uploads, attributes; and errors and keys in JSON. */
export const savedStatesTarget: FuzzTarget = plainTarget({
  name: 'saved states',
  share: 1,
  make: (random) => mutated(random, oneOf(random, samples), samples),
  async take(input) {
    const text = input.toString();
    const state = readState(text);
    assert.ok(state === undefined || Array.isArray(state.marks));
    const chunked = parseState(text);
    if (chunked !== undefined && chunked.size / chunked.chunkBytes < 1e4) chunksOf(chunked);
    const saved = parseSaved(text);
    if (saved !== undefined) (await SavableHash.from('md5', saved.state))?.digest();
    const session = parseSavedSession(text, sessionSize);
    if (session !== undefined) (await SavableHash.from('sha256', session.hash))?.digest();
    parseFault(403, text);
    await asStoresDo(() => parseServiceAccountKey(text, 'key.json'));
    permissionsIn(text);
    for (const value of Object.values(metadataIn([['a', textOfBytes(input.toString('latin1'))]])))
      assert.ok(value.isWellFormed());
    unlessBroken(() => parseAttributes(text));
  },
});

/** Rows of a database are read as they were written; what is none is an error, not a crash. */
function unlessBroken(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
}
