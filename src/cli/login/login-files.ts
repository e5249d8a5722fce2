import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CommandError } from '../command-error.ts';

/** Where the login of a configuration is kept: beside it. */
export function loginFileOf(configuration: string): string {
  return `${configuration.replace(/\.ini$/i, '')}.login`;
}

/** The text of a configuration file; undefined where there is none. Throws `CommandError` for one that cannot be read. */
export async function configurationIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CommandError('configuration', `${path} cannot be read (${code})`);
  }
}

/** Makes a configuration that uses the login beside it, or adds the login to one that does not name it yet. Says what was done to it, for people. */
export async function useLogin(path: string, store: string, text: string | undefined): Promise<string> {
  const line = `login_file = ${basename(loginFileOf(path))}`;
  if (text === undefined) {
    await writeFile(path, `[store]\nname = ${store}\n\n[auth]\n${line}\n`, { flag: 'wx' });
    return `${path} was made.`;
  }
  if (/^\s*login_file\s*[=:]/m.test(text)) return `${path} stays as it is.`;
  const changed = /^\s*\[auth\].*$/m.test(text)
    ? text.replace(/^\s*\[auth\].*$/m, (section) => `${section}\n${line}`)
    : `${text.replace(/\n?$/, '\n')}\n[auth]\n${line}\n`;
  await writeFile(path, changed);
  return `${path} names it now.`;
}
