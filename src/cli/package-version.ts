import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version of this package. */
export function version(): string {
  // Two directories up in the source as in the build.
  const file = new URL('../../package.json', import.meta.url);
  known ??= (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  return known;
}
