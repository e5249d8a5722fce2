import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Says where the accounts are. @default config, in the repository */
export const accountsVariable = 'CLOUDFUSION_ACCOUNTS';
/** Says which accounts are meant: words of their names, with commas between. */
export const wantedVariable = 'CLOUDFUSION_ACCOUNTS_WANTED';

const ending = '_testing.ini';

/** The accounts that somebody who tests everything has: of each, `<name>_testing.ini`. */
export const usualAccounts: readonly string[] = [
  'AmazonS3',
  'dropbox',
  'GDrive',
  'Google',
  'sugarsync',
  'Webdav_gmx',
  'Webdav_tonline',
];

/** A configuration with an account that tests may use. */
export interface Account {
  readonly name: string;
  /** The configuration file. */
  readonly path: string;
}

/** The accounts that there are, by name; with `wanted` those with one of its words in their name. */
export function findAccounts(directory: string, wanted: readonly string[]): Account[] {
  if (!existsSync(directory)) return [];
  const isWanted = (name: string): boolean =>
    wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word.toLowerCase()));
  return readdirSync(directory)
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ name: file.slice(0, -ending.length), path: join(directory, file) }))
    .filter(({ name }) => isWanted(name))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Where the accounts are. */
export function accountsDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment[accountsVariable] ?? join(import.meta.dirname, '..', '..', 'config'));
}
