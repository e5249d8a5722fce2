import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../test/fakes/http/virtual-clock.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { type ResumingBodyOptions, resumingBody } from './resuming-body.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const unavailable = new StoreError('Unavailable');

/** Streams from an offset on in pieces, and does something odd at a place. */
async function* from(offset: number, { until = content.length, error }: { until?: number; error?: unknown } = {}) {
  for (let at = offset; at < until; at += 70) yield content.subarray(at, Math.min(at + 70, until));
  if (error !== undefined) throw error;
}

async function read(
  open: (offset: number) => Promise<AsyncIterable<Uint8Array>>,
  options: Partial<ResumingBodyOptions> = {},
): Promise<Buffer> {
  const clock = new VirtualClock();
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of resumingBody(open, { size: content.length, clock, ...options })) chunks.push(chunk);
  })();
  reading.catch(() => undefined);
  await clock.run();
  await reading;
  return Buffer.concat(chunks);
}

test('a stream that breaks goes on where it broke', async () => {
  const offsets: number[] = [];
  const bytes = await read(async (offset) => {
    offsets.push(offset);
    return from(offset, offset < 900 ? { until: offset + 300, error: unavailable } : {});
  });
  assert.deepEqual(bytes, content);
  assert.deepEqual(offsets, [0, 300, 600, 900]);
});

test('one that ends early without a word goes on too', async () => {
  const bytes = await read(async (offset) => from(offset, { until: Math.min(content.length, offset + 250) }));
  assert.deepEqual(bytes, content);
});

test('attempts are counted anew when bytes came, and used up when none come', async () => {
  let opened = 0;
  const slow = await read(
    async (offset) => {
      opened++;
      return from(offset, offset < 930 ? { until: offset + 70, error: unavailable } : {});
    },
    { attempts: 2 },
  );
  assert.deepEqual(slow, content);
  assert.ok(opened > 10);
  opened = 0;
  await assert.rejects(
    read(
      async (offset) => {
        opened++;
        return from(offset, { until: 140, error: unavailable });
      },
      { attempts: 3 },
    ),
    (error) => error === unavailable,
  );
  assert.equal(opened, 1 + 2);
});

test('opening that fails for the moment is tried again, and for good is not', async () => {
  let opened = 0;
  const open = async (offset: number) => {
    opened++;
    if (opened < 3) throw unavailable;
    return from(offset);
  };
  assert.deepEqual(await read(open), content);
  const gone = new StoreError('NotFound');
  const failing = async (): Promise<never> => {
    throw gone;
  };
  await assert.rejects(read(failing), (error) => error === gone);
});

test('more bytes than were promised are Corrupt, and never handed on', async () => {
  const chunks: Uint8Array[] = [];
  await assert.rejects(
    async () => {
      for await (const chunk of resumingBody(async () => from(0), { size: 500 })) chunks.push(chunk);
    },
    (error) => isStoreError(error, 'Corrupt'),
  );
  assert.ok(Buffer.concat(chunks).length <= 500);
});

test('a wrong checksum at the end is not lost, although all bytes have come', async () => {
  for (const code of ['Corrupt', 'Unavailable'] as const)
    await assert.rejects(
      read(async (offset) => from(offset, { error: new StoreError(code) })),
      (error) => isStoreError(error, code),
    );
});

test('nothing is opened for no bytes', async () => {
  const open = async (): Promise<never> => assert.fail('it was opened');
  assert.equal((await read(open, { size: 0 })).length, 0);
});

test('an abort while nothing comes rejects at once with the reason, and ends the stream', {
  timeout: 10_000,
}, async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  let ended = false;
  const open = async (): Promise<AsyncIterable<Uint8Array>> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => undefined),
      return: async () => {
        ended = true;
        return { done: true, value: undefined };
      },
    }),
  });
  setImmediate(() => abort.abort(reason));
  await assert.rejects(read(open, { signal: abort.signal }), (error) => error === reason);
  assert.ok(ended);
});
