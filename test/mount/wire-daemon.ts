import { createInterface } from 'node:readline';
import { mountFileSystem } from '../../src/fuse/mount.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

/**
 * The process behind the mounts of `wire.test.ts`. Its argument is the mount point. It answers each line of standard input, a
 * JSON array of a command and its arguments, with one line of JSON: `{ "value": … }` or `{ "error": code }`.
 */
const fileSystem = new MemoryFileSystem();
const errors: string[] = [];

try {
  const mounted = await mountFileSystem(fileSystem, {
    mountPoint: process.argv[2] as string,
    source: 'wire test',
    onError: (error) => errors.push(String(error)),
  });

  let notified: Promise<void> | undefined;
  const commands: Record<string, (...words: string[]) => unknown> = {
    put: (name, text) => fileSystem.put(name, text),
    drop: (name) => fileSystem.drop(name),
    invalidateNode: (node) => mounted.notify.invalidateNode(Number(node)),
    /** Without waiting for it, which `notified` does. */
    beginInvalidation: (node) => {
      notified = mounted.notify.invalidateNode(Number(node));
    },
    notified: () => notified,
    invalidateEntry: (name) => mounted.notify.invalidateEntry(1, name),
    deleteEntry: (node, name) => mounted.notify.deleteEntry(1, Number(node), name),
    unmount: () => mounted.unmount(),
    force: () => mounted.unmount({ force: true }),
    errors: () => errors,
    hurry: () => fileSystem.hurry(),
    waiting: () => fileSystem.waiting,
    interrupted: () => fileSystem.interrupted,
    lazy: () => mounted.unmount({ lazy: true }),
    finished: () => mounted.finished,
    stopped: () => fileSystem.stopped,
  };

  answer({ value: mounted.mountPoint });
  const input = createInterface({ input: process.stdin });
  for await (const line of input) {
    const [command, ...words] = JSON.parse(line) as string[];
    try {
      answer({ value: (await commands[command as string]?.(...words)) ?? null });
    } catch (error) {
      answer({ error: (error as { code?: string }).code ?? String(error) });
    }
  }
  await mounted.unmount({ force: true });
  await mounted.finished;
} catch (error) {
  answer({ error: (error as { code?: string }).code ?? String(error), message: String(error) });
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
