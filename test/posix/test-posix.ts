import { after, describe, it } from 'node:test';
import { DaemonProcess } from '../mount/daemon-process.ts';
import type { CaseRunnerOptions } from './case-runner.ts';
import { allPosixCases } from './cases/all-cases.ts';
import type { PosixFeatures } from './posix-features.ts';

/** A directory to try, and what its file system may lack. */
export interface PosixSubject {
  readonly features: PosixFeatures;
  /** Where the cases make directories of their own. Asked when the first case runs. */
  readonly directory: () => string;
  /** Why nothing can be tried, or false. */
  readonly skip?: string | false;
}

const script: string = new URL('case-runner.ts', import.meta.url).pathname;
/** Milliseconds for one case. No case needs a tenth of it: it is for those that never end. */
const patience = 60_000;

/** Registers the POSIX suite with node:test. The cases run in a process of their own, which is killed when one does not end. */
export function testPosix(name: string, { features, directory, skip = false }: PosixSubject): void {
  describe(name, { skip }, () => {
    let running: DaemonProcess | undefined;
    after(() => running?.kill());

    const runner = async (): Promise<DaemonProcess> => {
      if (running !== undefined) return running;
      const options: CaseRunnerOptions = { directory: directory(), features };
      running = new DaemonProcess(script, options);
      await running.answer();
      return running;
    };

    for (const { name } of allPosixCases) {
      it(name, { timeout: patience * 2 }, async (context) => {
        const process = await runner();
        const timer = setTimeout(() => {
          running = undefined;
          void process.kill();
        }, patience);
        try {
          const reason = (await process.ask(name)) as string | null;
          if (reason !== null) context.skip(reason);
        } finally {
          clearTimeout(timer);
        }
      });
    }
  });
}
