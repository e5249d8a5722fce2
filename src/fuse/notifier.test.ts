import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { annotated } from '../../test/fakes/fuse-bytes.ts';
import { DeviceNotifier } from './notifier.ts';

describe('notifications', () => {
  it('are messages without a request', async () => {
    const device = new FakeFuseDevice();
    const notifier = new DeviceNotifier(device, true);
    await notifier.invalidateNode(2 ** 32 + 5);
    await notifier.invalidateNode(5, true);
    await notifier.invalidateEntry(1, 'ü');
    await notifier.deleteEntry(1, 5, 'name');
    assert.deepEqual(device.sent, [
      annotated(`
        28000000 02000000 0000000000000000  // len, FUSE_NOTIFY_INVAL_INODE, no unique
        0500000001000000 0000000000000000 0000000000000000  // ino, off, len: all pages
      `),
      annotated(`
        28000000 02000000 0000000000000000
        0500000000000000 ffffffffffffffff 0000000000000000  // off -1: no pages
      `),
      annotated(`
        23000000 03000000 0000000000000000  // FUSE_NOTIFY_INVAL_ENTRY
        0100000000000000 02000000 01000000 c3bc 00  // parent, namelen, FUSE_EXPIRE_ONLY
      `),
      annotated(`
        2d000000 06000000 0000000000000000  // FUSE_NOTIFY_DELETE
        0100000000000000 0500000000000000 04000000 00000000 "name" 00  // parent, child, namelen, padding
      `),
    ]);
  });

  it('tear a name out where the kernel cannot let it expire', async () => {
    const device = new FakeFuseDevice();
    await new DeviceNotifier(device, false).invalidateEntry(1, 'a');
    assert.equal(device.sent[0]?.readUInt32LE(28), 0);
  });

  it('about what the kernel does not know succeed; other failures do not, and hold nobody up', async () => {
    const device = new FakeFuseDevice();
    const notifier = new DeviceNotifier(device, true);
    for (const failure of [-2, -19, -107, -103]) {
      device.failure = failure;
      await notifier.invalidateNode(5);
    }
    device.failure = -22;
    const refused = notifier.deleteEntry(1, 5, 'directory');
    const next = notifier.invalidateNode(5);
    await assert.rejects(refused, /errno 22/);
    device.failure = undefined;
    await assert.rejects(next, /errno 22/);
    await notifier.invalidateNode(5);
  });

  it('of the death of what the kernel still uses become a request to look again', async () => {
    const device = new FakeFuseDevice();
    const notifier = new DeviceNotifier(device, true);
    for (const failure of [-39, -16]) {
      device.sent.length = 0;
      device.failure = failure;
      const apart = device.writeApart.bind(device);
      device.writeApart = async (message) => {
        const result = await apart(message);
        device.failure = undefined;
        return result;
      };
      await notifier.deleteEntry(1, 5, 'directory');
      assert.deepEqual(
        device.sent.map((message) => message.readInt32LE(4)),
        [6, 3],
      );
    }
  });

  it('go one at a time, so that they hold one thread at the most', async () => {
    const device = new FakeFuseDevice();
    const notifier = new DeviceNotifier(device, true);
    const { promise, resolve } = Promise.withResolvers<void>();
    device.gate = promise;
    let under = 0;
    const apart = device.writeApart.bind(device);
    device.writeApart = async (message) => {
      assert.equal(++under, 1);
      const result = await apart(message);
      under--;
      return result;
    };
    const sent = [1, 2, 3].map((node) => notifier.invalidateNode(node));
    await new Promise(setImmediate);
    assert.equal(under, 1);
    resolve();
    await Promise.all(sent);
    assert.deepEqual(
      device.sent.map((message) => message.readUInt32LE(16)),
      [1, 2, 3],
    );
  });

  it('end with the device: what waits is dropped, what is under way is waited for', async () => {
    const device = new FakeFuseDevice();
    const notifier = new DeviceNotifier(device, true);
    const { promise, resolve } = Promise.withResolvers<void>();
    device.gate = promise;
    const sent = [1, 2].map((node) => notifier.invalidateNode(node));
    await new Promise(setImmediate);
    const closed = notifier.close();
    resolve();
    await closed;
    device.close();
    await Promise.all([...sent, notifier.invalidateNode(3)]);
    assert.equal(device.sent.length, 1);
  });
});
