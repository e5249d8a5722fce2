import { createInterface } from 'node:readline';
import { type WriteBackCache, withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { mountFileSystem } from '../../src/fuse/mount.ts';
import { withFaults } from '../../src/layers/faults.ts';
import { LocalStore } from '../../src/providers/local/local-store.ts';
import { StoreError } from '../../src/store/errors.ts';
import { CloudFileSystem } from '../../src/vfs/cloud-file-system.ts';
import { HeldListings } from '../fakes/held-listings.ts';
import { RecordedControl } from '../fakes/recorded-control.ts';
import type { DaemonOptions } from './mounted.ts';

/**
 * The process behind the mounts of the tests: a local store, the write-back cache over it, the file system over that. It ends
 * when its mount does. Commands are those of `DaemonProcess`; its argument is a `DaemonOptions` as JSON.
 */
const options = JSON.parse(process.argv[2] as string) as DaemonOptions;
const errors: string[] = [];

const onError = (error: unknown): void => {
  errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
};

/** The service, which can be made to hang, also in the middle of a listing. */
const service = new LocalStore({ root: options.storeDirectory });
const listings = new HeldListings(service);
const store = withFaults(service, { seed: 1 });

/** Any configuration that is not refused opens the store. */
class StoreControl extends RecordedControl {
  cache: WriteBackCache | undefined;

  override async configure(text: string): Promise<void> {
    await super.configure(text);
    await this.open();
  }

  async open(): Promise<void> {
    fileSystem.attach(undefined);
    await this.cache?.close();
    this.cache = withWriteBackCache(store, {
      directory: options.cacheDirectory,
      uploadDelay: options.uploadDelay ?? 0,
      maxBytes: options.maxBytes,
      hardMaxBytes: options.hardMaxBytes,
      metadataTime: options.metadataTime,
      timeout: options.timeout,
    });
    fileSystem.attach(this.cache.tree, { passthrough: options.passthrough });
  }

  override stop(): void {
    mounted.unmount({ lazy: true }).catch(onError);
  }
}

const control = new StoreControl();
const fileSystem = new CloudFileSystem({ control, onError });
if (options.unconfigured !== true) await control.open();
const mounted = await mountFileSystem(fileSystem, { mountPoint: options.mountPoint, onError });

const commands: Readonly<Record<string, () => unknown>> = {
  drain: () => control.cache?.drain(),
  errors: () => errors,
  problems: () => control.cache?.problems(),
  pending: () => control.cache?.pending(),
  passthrough: () => fileSystem.passthrough,
  statistics: () => control.cache?.statistics(),
  configured: () => control.configured,
  pause: () => store.faults.pause(),
  resume: () => store.faults.resume(),
  offline: () => void (store.faults.offline = true),
  refuse: () => {
    store.faults.fail = ({ operation, path }) =>
      new StoreError('Unauthenticated', { operation, path, message: 'the token has ended' });
  },
  heal: () => store.faults.heal(),
  /** When somebody waits for the paused service. */
  held: () => store.faults.held(),
  /** Listings stop after a thousand names. */
  'hold listings': () => listings.hold(1000),
  'fail listings': () => listings.fail(new StoreError('Unavailable', { message: 'broken off' })),
  'heal listings': () => listings.heal(),
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => void obey(JSON.parse(line) as string[]));
reply({ value: null });
await mounted.finished;
await control.cache?.close();
input.close();
process.stdin.destroy();

async function obey([command = '']: readonly string[]): Promise<void> {
  try {
    reply({ value: (await commands[command]?.()) ?? null });
  } catch (error) {
    reply({ error: String(error) });
  }
}

function reply(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
