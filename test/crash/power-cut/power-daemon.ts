import { createInterface } from 'node:readline';
import { mountFileSystem } from '../../../src/fuse/mount.ts';
import { seededRandom } from '../../../src/layers/seeded-random.ts';
import type { PowerOptions } from './powered-disk.ts';
import { VolatileFileSystem } from './volatile-file-system.ts';

/** The process behind a `PoweredDisk`; its argument is a `PowerOptions` as JSON, its commands are those of `DaemonProcess`. */
const options = JSON.parse(process.argv[2] as string) as PowerOptions;
const fileSystem = new VolatileFileSystem(options);
const errors: string[] = [];
let mounted = await mount();

const commands: Readonly<Record<string, (...words: string[]) => unknown>> = {
  /** With a seed, and which part of what is not durable is kept. */
  cut: (seed, part) => {
    const random = seededRandom(Number(seed));
    fileSystem.cut(() => random() < Number(part));
  },
  /** A kernel that knows nothing of before. */
  restart: async () => {
    await mounted.unmount({ force: true });
    fileSystem.revive();
    mounted = await mount();
  },
  errors: () => errors,
};

process.stdout.write('{"value":null}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', ...words] = JSON.parse(line) as string[];
  let answer: unknown;
  try {
    answer = { value: (await commands[command]?.(...words)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await mounted.unmount({ force: true });

function mount(): ReturnType<typeof mountFileSystem> {
  const onError = (error: unknown): void => void errors.push(String(error));
  // A disk that passes through itself could not be passed through once more.
  return mountFileSystem(fileSystem, { mountPoint: options.mountPoint, passthrough: false, onError });
}
