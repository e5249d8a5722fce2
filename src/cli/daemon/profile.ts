import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Watches what this process spends its time on. The function that comes back ends it, and answers the file it wrote. */
export async function startProfile(): Promise<(directory: string) => Promise<string>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async (directory) => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    const file = join(directory, `${new Date().toISOString().replaceAll(':', '-')}.cpuprofile`);
    await writeFile(file, JSON.stringify(profile), { mode: 0o600 });
    return file;
  };
}
