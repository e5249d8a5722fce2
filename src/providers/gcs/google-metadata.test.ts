import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TrialBucket, trialBucket } from '../../../test/fakes/google-storage/trial-bucket.ts';
import { bytesSource } from '../../store/source.ts';
import type { Metadata } from '../../store/store.ts';
import type { GoogleBucket } from './google-bucket.ts';

const limit = { timeout: 30_000 };

let trial: TrialBucket;
before(async () => (trial = await trialBucket()));
after(() => trial[Symbol.asyncDispose]());

async function metadataRead(bucket: GoogleBucket, key: string): Promise<Metadata | undefined> {
  const download = await bucket.get(key);
  assert.ok(download !== undefined);
  for await (const _chunk of download.body) break;
  return download.file.metadata;
}

describe('metadata at Google', () => {
  it('is replaced without a new generation, and what Google and the time need stays', limit, async () => {
    const bucket = trial.open();
    const put = { metadata: { mode: '100644', 'goog-reserved-file-uid': '1', note: 'é' }, modified: 1500 };
    const written = await bucket.put('a', bytesSource('x'), put);
    const set = await bucket.setMetadata('a', { mode: '100600' }, { ifRevision: written.revision });
    assert.deepEqual([set.revision, set.modified, set.metadata], [written.revision, 1500, { mode: '100600' }]);
    const kept = trial.fake.cloud.peek('trial')?.find('a')?.properties.metadata;
    assert.deepEqual(kept, {
      mode: '100600',
      'goog-reserved-file-uid': '1',
      mtime: '1970-01-01T00:00:01.500Z',
    });
  });

  it('that somebody else has replaced is told by the next read', limit, async () => {
    const [ours, theirs] = [trial.open(), trial.open()];
    await ours.put('b', bytesSource('x'), { metadata: { mode: '100644' } });
    assert.deepEqual(await metadataRead(ours, 'b'), { mode: '100644' });
    await theirs.setMetadata('b', { mode: '100600' });
    assert.deepEqual(await metadataRead(ours, 'b'), { mode: '100600' });
  });
});
