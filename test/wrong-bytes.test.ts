/** A wrong byte on the way from a service: fetched again where the service tells a checksum, an error where it stays, and never kept. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Errno } from '../src/fuse/errno.ts';
import { sampleBytes } from '../src/conformance/sample-content.ts';
import { writeBytes } from '../src/store/operations.ts';
import { errnoOf } from '../src/vfs/errno-of.ts';
import { assertSameBytes, CacheTrial, readFrom } from './fakes/cache-trial.ts';
import { type Service, services } from './unreachable/services.ts';

/** Small enough that all of the file is fetched at once. */
const size = 400 << 10;
const content = sampleBytes(size, 1);

/** What reaches programs of a file of which `damaged` answers have one wrong byte. */
async function damagedRead(t: TestContext, service: Service, damaged: number): Promise<CacheTrial> {
  await writeBytes(service.direct, '/file', content);
  const trial = new CacheTrial(t, { store: service.store });
  await trial.id('/file');
  let left = damaged;
  const alter = (body: Buffer): Buffer => {
    if (body.length < size || left-- <= 0) return body;
    const wrong = Buffer.from(body);
    wrong.writeUInt8(body.readUInt8(body.length - 1000) ^ 1, body.length - 1000);
    return wrong;
  };
  service.gateway.conduct = (incoming, outgoing) => service.gateway.pass(incoming, outgoing, { alter });
  return trial;
}

async function readAll(trial: CacheTrial): Promise<Uint8Array> {
  const file = await trial.open('/file');
  try {
    return await readFrom(file, 0, size);
  } finally {
    file.release();
  }
}

describe('a wrong byte in a download', { concurrency: 8, timeout: 60_000 }, () => {
  for (const name of ['amazon s3', 'google storage', 'google drive', 'webdav, Nextcloud'] as const) {
    it(`of ${name} is fetched again`, async (t) => {
      await using service = await (services[name] as () => Promise<Service>)();
      const trial = await damagedRead(t, service, 1);
      assertSameBytes(await readAll(trial), content);
      assertSameBytes(await readAll(trial), content);
    });

    it(`of ${name} is EIO while it stays, and not kept`, async (t) => {
      await using service = await (services[name] as () => Promise<Service>)();
      const trial = await damagedRead(t, service, Infinity);
      await assert.rejects(readAll(trial), (error) => {
        const told = errnoOf(error);
        return told instanceof Errno && told.code === 'EIO';
      });
      assert.equal(trial.cache.statistics().cachedBytes, 0);
      service.gateway.conduct = (incoming, outgoing) => service.gateway.pass(incoming, outgoing);
      assertSameBytes(await readAll(trial), content);
    });
  }
});
