import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { runRequestLoop } from './request-loop.ts';

function begin(device: FakeFuseDevice): { served: string[]; done: Promise<void>; stop: AbortController } {
  const served: string[] = [];
  const stop = new AbortController();
  const receive = (buffer: { bytes: Buffer }, length: number): void => {
    served.push(buffer.bytes.toString('latin1', 0, length));
  };
  return { served, stop, done: runRequestLoop(device, 8192, receive, stop.signal) };
}

describe('the request loop', () => {
  it('hands over every request, and waits for more', () => {
    const device = new FakeFuseDevice();
    const { served } = begin(device);
    device.push(Buffer.from('a'), Buffer.from('bc'));
    device.push(Buffer.from('d'));
    assert.deepEqual(served, ['a', 'bc', 'd']);
    assert.equal(device.watching, true);
  });

  it('leaves the event loop its turn when many come at once', () => {
    const device = new FakeFuseDevice();
    const { served } = begin(device);
    device.push(...Array.from({ length: 100 }, () => Buffer.from('x')));
    assert.ok(served.length > 0 && served.length < 100);
    while (device.queued > 0) device.wake();
    assert.equal(served.length, 100);
  });

  it('looks again after a request that was aborted while it was read, and after a signal', () => {
    const device = new FakeFuseDevice();
    const { served } = begin(device);
    for (const idle of [-2, -4, -11]) {
      device.idle = idle;
      device.wake();
    }
    device.push(Buffer.from('a'));
    assert.deepEqual(served, ['a']);
  });

  it('ends when the mount is gone or aborted', async () => {
    for (const gone of [-19, -103]) {
      const device = new FakeFuseDevice();
      const { done } = begin(device);
      device.idle = gone;
      device.wake();
      await done;
      assert.equal(device.watching, false);
    }
  });

  it('ends when it is told to, in the middle of a turn', async () => {
    const device = new FakeFuseDevice();
    const { stop, done } = begin(device);
    stop.abort();
    await done;
    assert.equal(device.watching, false);
    assert.equal(device.reads, 0);
  });

  it('fails with the device', async () => {
    const device = new FakeFuseDevice();
    const { done } = begin(device);
    device.idle = -22;
    device.wake();
    await assert.rejects(done, /errno 22/);
    assert.equal(device.watching, false);
  });
});
