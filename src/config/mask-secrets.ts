/**
 * Secrets stay in the files and variables where people put them. Two guards: `maskSecrets` shows a configuration text
 * without them, `maskOccurrences` takes known secrets out of any other text, such as the message of a failed login.
 */
import { providers } from '../providers/registry.ts';
import type { Configuration } from './configuration.ts';
import { isReference } from './environment-references.ts';
import { linesOf, readIniLine } from './ini.ts';
import { namesOf, options } from './options.ts';

/** What is shown in place of a secret. Written back as a value, it means "as before". */
export const mask = '********';

const settings = Object.values(providers).flatMap((provider) => provider.settings);
const secretKeys: ReadonlySet<string> = new Set(settings.filter(({ secret }) => secret).map(({ key }) => key));
const publicKeys: ReadonlySet<string> = new Set(
  [...options.filter(({ secret }) => secret !== true).flatMap(namesOf), ...settings.map(({ key }) => key)].filter(
    (key) => !secretKeys.has(key),
  ),
);

/**
 * A configuration text with every secret value masked, comments included. A value is shown only if its key is known and
 * public, so a misspelt `pasword` is masked too; so is what cannot be read at all. References such as `${NAME}` stay.
 */
export function maskSecrets(text: string): string {
  let open = false;
  let hidden = false;
  const shown: string[] = [];
  for (const line of linesOf(text)) {
    const read = readIniLine(line, open);
    switch (read.kind) {
      case 'nothing':
        shown.push(maskComment(line));
        break;
      case 'section':
        open = false;
        shown.push(line);
        break;
      case 'value':
        open = true;
        hidden = !isPublic(read.key, read.value);
        shown.push(hidden ? maskValue(line) : maskUserInformation(line));
        break;
      case 'continuation':
        if (!hidden) shown.push(maskUserInformation(line));
        break;
      case 'malformed':
        shown.push(mask);
        break;
    }
  }
  return shown.join('\n');
}

/** `text` with every occurrence of one of `secrets` masked, also where it is part of an address (percent-encoded). */
export function maskOccurrences(text: string, secrets: readonly string[]): string {
  const spellings = secrets.flatMap((secret) => (secret === '' ? [] : [secret, encodeURIComponent(secret)]));
  spellings.sort((a, b) => b.length - a.length);
  return maskUserInformation(spellings.reduce((masked, secret) => masked.replaceAll(secret, mask), text));
}

/** The secrets that a configuration holds: every setting that is not known to be public. */
export function secretsOf(configuration: Configuration): string[] {
  return Object.entries(configuration.settings).flatMap(([key, value]) => (publicKeys.has(key) ? [] : [value]));
}

function isPublic(key: string, value: string): boolean {
  return value === '' || isReference(value) || publicKeys.has(key);
}

function maskComment(line: string): string {
  const [, start = '', inside = ''] = /^([#;\s]*)([^]*)$/.exec(line) ?? [];
  const read = readIniLine(inside, false);
  const hidden = read.kind === 'value' && /pass|secret|token|key/.test(read.key) && !isPublic(read.key, read.value);
  return hidden ? start + maskValue(inside) : maskUserInformation(line);
}

function maskValue(line: string): string {
  return line.replace(/([:=]\s*)[^]*$/, `$1${mask}`);
}

/** In `https://user:password@host` the password. */
function maskUserInformation(line: string): string {
  return line.replace(/(:\/\/[^/\s:@]*:)[^/\s@]+@/g, `$1${mask}@`);
}
