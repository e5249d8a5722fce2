import { appendFile, readFile } from 'node:fs/promises';
import type { ServerName } from './installed.ts';

/** The environment variable that names the file where starts are recorded; without it they are not. */
export const recordVariable = 'CLOUDFUSION_SERVERS_RECORD';

/** One start of a server. */
export interface Start {
  readonly name: ServerName;
  readonly milliseconds: number;
}

/** Records that a server was started, for the summary of `run.ts`. */
export async function recordStart(name: ServerName, milliseconds: number): Promise<void> {
  const path = process.env[recordVariable];
  if (path !== undefined) await appendFile(path, `${JSON.stringify({ name, milliseconds } satisfies Start)}\n`);
}

/** The starts recorded in a file. */
export async function recordedStarts(path: string): Promise<Start[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Start);
}
