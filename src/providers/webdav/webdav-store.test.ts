import { after, before, describe, it } from 'node:test';
import { WebdavFake, type WebdavFakeOptions } from '../../../test/fakes/webdav/webdav-fake.ts';
import { type SkippedCase, testStore } from '../../conformance/index.ts';
import { conformanceCases } from '../../conformance/test-store.ts';
import { WebdavStore } from './webdav-store.ts';

const slow: SkippedCase = {
  test: 'a directory of 2500 files is listed whole',
  reason: 'slow, and run against real servers',
};

const cases = conformanceCases(new WebdavStore({ url: 'http://127.0.0.1' }).capabilities);

const names: readonly SkippedCase[] = cases
  .filter(({ name }) => name.includes('can be called'))
  .map(({ name }) => ({ test: name, reason: 'names are the same at a Nextcloud' }));

const allBut = (word: string): readonly SkippedCase[] =>
  cases
    .filter(({ name }) => !name.includes(word) && name !== slow.test)
    .map(({ name }) => ({ test: name, reason: 'it is the same without properties' }));

/** Nextcloud as it is, and a server of which nothing is known but that it answers as the standard says, in another style. */
const servers: Readonly<Record<string, { options: WebdavFakeOptions; skip: readonly SkippedCase[] }>> = {
  'WebdavStore at a Nextcloud': { options: {}, skip: [] },
  'WebdavStore at a Nextcloud that keeps properties': {
    options: { properties: true },
    skip: allBut('etadata'),
  },
  'WebdavStore at an unknown server': {
    options: { isNextcloud: false, infinity: 'answered', ranges: false, style: { prefix: '' } },
    skip: names,
  },
};

for (const [name, { options, skip }] of Object.entries(servers)) {
  describe(name, () => {
    let fake: WebdavFake;
    before(async () => void (fake = await WebdavFake.start(options)));
    after(async () => await fake[Symbol.asyncDispose]());
    testStore('the suite', {
      runner: { describe, it },
      open: () => {
        fake.tree.clear();
        return new WebdavStore({ url: fake.url, chunkBytes: 5 << 20 });
      },
      skip: [...skip, slow],
    });
  });
}
