import assert from 'node:assert/strict';
import { HttpClient } from '../../../src/http/http-client.ts';
import { seededRandom } from '../../../src/layers/seeded-random.ts';
import { bytesSource } from '../../../src/store/source.ts';
import { writeBytes } from '../../../src/store/operations.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Service } from '../../unreachable/services.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { MutatingGateway } from '../mutating-gateway.ts';
import { below, mutated, oneOf, type Random } from '../mutation.ts';
import { assertListing, assertSound, asStoresDo } from '../sound-answers.ts';

/** In milliseconds: a call is aborted after the first, and must have ended by the second. */
const patience = 250;
const hangs = 8000;

/**
 * A provider whose service answers nonsense: what a case takes is the seed of the calls and of the changes in the answers, written
 * as a number.
 */
export async function openServiceTarget(
  name: string,
  share: number,
  start: () => Promise<Service>,
): Promise<FuzzTarget> {
  const service = await start();
  const gateway = await MutatingGateway.start(service.origin);
  const http = new LastingClient({ timeout: 2000 });
  await fill(service.direct);
  return {
    name,
    share,
    make: (random) => Buffer.from(String(below(random, 2 ** 31))),
    async take(input) {
      const random = seededRandom(Number(input.toString()));
      const others: Buffer[] = [];
      gateway.mutate = (answer) => {
        others.push(answer);
        return random() < 0.5 ? otherAnswer(random, answer, others.slice(-5)) : answer;
      };
      const store = service.open(gateway.origin, http);
      for (let calls = 2 + below(random, 4); calls > 0; calls--) await call(store, random);
      await store.close();
    },
    async [Symbol.asyncDispose]() {
      await http.end();
      await gateway[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** Changes the whole answer, or more often a part of it, so that its lengths still fit. */
function otherAnswer(random: Random, answer: Buffer, others: readonly Buffer[]): Buffer {
  if (random() < 0.2) return mutated(random, answer, others);
  const end = answer.indexOf('\r\n\r\n');
  const [head, body] = [answer.subarray(0, end), answer.subarray(end + 4)];
  if (random() < 0.3 || body.length === 0)
    return Buffer.concat([mutated(random, head, others, 2), answer.subarray(end)]);
  const changed = mutated(random, body, others, 3);
  const told = head.toString('latin1').replace(/^content-length: .*$/im, `content-length: ${changed.length}`);
  return Buffer.concat([Buffer.from(`${told}\r\n\r\n`, 'latin1'), changed]);
}

async function fill(store: Store): Promise<void> {
  await writeBytes(store, '/a', 'a');
  await writeBytes(store, '/d/b c', Buffer.alloc(5000, 'content '));
  await writeBytes(store, '/d/e/ü', 'deep');
}

/** One call of the store: an answer that makes sense, or an error that it may give, in time. */
async function call(store: Store, random: Random): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  const work = random() < 0.6 ? oneOf(random, calls.slice(0, 3)) : oneOf(random, calls);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${work.name} hangs`)), hangs);
  });
  try {
    await Promise.race([asStoresDo(() => work(store, random, signal)), late]);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    clearTimeout(timer);
  }
}

type Work = (store: Store, random: Random, signal: AbortSignal) => Promise<unknown>;

const paths = ['/a', '/d', '/d/b c', '/d/e/ü', '/new', '/nowhere/x'];

const calls: readonly Work[] = [
  async function stat(store, random, signal) {
    const path = oneOf(random, paths);
    assertSound(await store.stat(path, { signal }), path);
  },
  async function list(store, random, signal) {
    const directory = oneOf(random, ['/', '/d', '/d/e']);
    const options = { signal, recursive: random() < 0.3, quick: random() < 0.3 };
    assertListing(await Array.fromAsync(store.list(directory, options)), directory);
  },
  async function read(store, random, signal) {
    const path = oneOf(random, paths);
    const range = random() < 0.5 ? {} : { offset: below(random, 100), length: below(random, 6000) };
    const { entry, body } = await store.read(path, { signal, ...range });
    assertSound(entry, path);
    let size = 0;
    for await (const chunk of body) size += chunk.length;
    const { offset = 0, length = Infinity } = range;
    assert.equal(size, Math.max(0, Math.min(length, entry.size - offset)), 'as many bytes as the entry promises');
  },
  async function write(store, random, signal) {
    const bytes = Buffer.alloc(below(random, 3000), 'new ');
    const ifRevision = random() < 0.3 ? null : undefined;
    const entry = await store.write('/new', bytesSource(bytes), { signal, ifRevision, modified: 1e12 });
    assertSound(entry, '/new');
    assert.equal(entry.size, bytes.length);
  },
  async function setMetadata(store, _random, signal) {
    assertSound(await store.setMetadata('/a', { mode: '100600' }, { signal }), '/a');
  },
  (store, _random, signal) => store.makeDirectory('/d/made/deep', { signal }),
  (store, _random, signal) => store.delete('/new', { signal }),
  (store, _random, signal) => store.delete('/d/made', { signal, recursive: true }),
  (store, _random, signal) => store.copy('/a', '/copy', { signal }),
  (store, _random, signal) => store.move('/copy', '/d/moved', { signal }),
  async function deleteAll(store, _random, signal) {
    const known = [{ kind: 'file', path: '/d/moved' } as const, { kind: 'directory', path: '/d/made' } as const];
    for (const path of await store.deleteAll(known, { signal })) assert.ok(known.some((told) => told.path === path));
  },
  async function usage(store, _random, signal) {
    const { used = 0, total = 0 } = await store.usage({ signal });
    assert.ok(Number.isFinite(used) && used >= 0 && total >= 0, `${used} of ${total}`);
  },
];

/** Outlives the stores of single cases. */
class LastingClient extends HttpClient {
  override async close(): Promise<void> {}

  end(): Promise<void> {
    return super.close();
  }
}
