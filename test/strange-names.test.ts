/** What services list under names that are no names, as a gateway writes them into their answers: nothing escapes, and nothing else is hidden. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertCanonical, maxNameBytes, nameOf } from '../src/store/path.ts';
import { writeBytes } from '../src/store/operations.ts';
import { CacheTrial } from './fakes/cache-trial.ts';
import { type Service, services } from './unreachable/services.ts';

/** As bytes: some are no text. */
const strange = [
  '..',
  '.',
  '../../etc/x',
  '/etc/x',
  '//',
  'a/../../x',
  'a\0b',
  '%2e%2e%2fx',
  '..\\..\\x',
  'x'.repeat(300),
  '\ud800',
  '\n',
].map((name) => Buffer.from(name));
strange.push(Buffer.from([0xff, 0xfe]), Buffer.from([0x61, 0xc3, 0x28]), Buffer.from([0xed, 0xa0, 0x80]));

/** How each service writes a name into its listings. */
const written: Readonly<Record<string, (name: Buffer) => string>> = {
  'amazon s3': percentEncoded,
  'google storage': inJson,
  'google drive': inJson,
  'webdav, Nextcloud': percentEncoded,
  'webdav, an unknown server': percentEncoded,
};

function percentEncoded(name: Buffer): string {
  return name.toString('hex').replaceAll(/../g, (byte) => `%${byte}`);
}

/** Latin-1 holds bytes that are no UTF-8 until the answer is one again. */
function inJson(name: Buffer): string {
  return name.toString('latin1').replaceAll(/["\\\p{Cc}]/gu, (sign) => JSON.stringify(sign).slice(1, -1));
}

describe('strange names from a service', { concurrency: 5, timeout: 60_000 }, () => {
  for (const [serviceName, write] of Object.entries(written))
    it(serviceName, async (t) => {
      await using service = await (services[serviceName] as () => Promise<Service>)();
      for (const index of strange.keys()) await writeBytes(service.direct, `/placeholder-${index}-`, 'strange');
      await writeBytes(service.direct, '/a-good', 'good');
      await writeBytes(service.direct, '/z-fine', 'fine');
      const alter = (body: Buffer): Buffer => {
        const text = body.toString('latin1');
        const altered = text.replaceAll(/placeholder-(\d+)-/g, (_, index) => write(strange[Number(index)] as Buffer));
        return Buffer.from(altered, 'latin1');
      };
      service.gateway.conduct = (incoming, outgoing) => service.gateway.pass(incoming, outgoing, { alter });

      for await (const { path } of service.store.list('/', { recursive: true })) assertCanonical(path);
      const trial = new CacheTrial(t, { store: service.store });
      const shown = (await trial.tree.list(trial.tree.root)).map(({ shownName }) => shownName);
      for (const name of shown) {
        assertCanonical(`/${name}`);
        assert.equal(nameOf(`/${name}`), name);
        assert.ok(Buffer.byteLength(name) <= maxNameBytes, name);
      }
      assert.equal(new Set(shown).size, shown.length);
      assert.equal(await trial.text('/a-good'), 'good');
      assert.equal(await trial.text('/z-fine'), 'fine');
      assert.ok(shown.includes('%2e%2e%2fx') && shown.includes('..\\..\\x'), 'these are names like others');
    });
});
