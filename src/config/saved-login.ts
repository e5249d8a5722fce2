import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FinishedLogin } from '../http/oauth/provider-login.ts';
import { ConfigurationError } from './configuration-error.ts';

/** What `cloudfusion login` keeps in a file that only its owner can read. */
export interface SavedLogin extends FinishedLogin {
  /** The provider that it is for. */
  readonly store: string;
  /** When the person logged in, in milliseconds since the epoch. */
  readonly made: number;
}

/** Who can read it beside the owner. */
const othersMode = 0o077;

/** Reads a login. Throws `ConfigurationError` for a file that is none, that is missing, or that others can read. */
export function readLogin(path: string): SavedLogin {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    mode = statSync(path).mode;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such login; "cloudfusion login" makes one' : `it cannot be read (${code})`;
    throw new ConfigurationError(`${path}: ${why}`);
  }
  if ((mode & othersMode) !== 0)
    throw new ConfigurationError(`${path}: others can read this login; run "chmod 600 ${path}"`);
  return parseLogin(path, text);
}

/** Keeps a login, whole or not at all. Throws the error of the file system. */
export async function writeLogin(path: string, login: SavedLogin): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(login, undefined, 2)}\n`);
    await file.sync();
    await file.close();
    await rename(unfinished, path);
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}

function parseLogin(path: string, text: string): SavedLogin {
  let value: Partial<SavedLogin> | null;
  try {
    value = JSON.parse(text) as Partial<SavedLogin> | null;
  } catch {
    value = null;
  }
  const { store, settings, made, account, expires } = value ?? {};
  const isWhole =
    typeof store === 'string' &&
    typeof made === 'number' &&
    areTexts(settings) &&
    (account === undefined || typeof account === 'string') &&
    (expires === undefined || typeof expires === 'number');
  if (!isWhole) throw new ConfigurationError(`${path}: this is no login; "cloudfusion login" makes one`);
  return { store, settings: settings as SavedLogin['settings'], made, account, expires };
}

function areTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((part) => typeof part === 'string');
}
