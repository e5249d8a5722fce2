/**
 * Writes the tables of options in `guide/configuration.md` from `src/config/options.ts` (`npm run docs:options`).
 * `test/documents.test.ts` fails when they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Option, options } from '../src/config/options.ts';

const units: Readonly<Record<Option['type'], string>> = {
  text: 'text',
  path: 'path',
  seconds: 'seconds',
  megabytes: 'MB',
  boolean: '`true` or `false`',
  level: 'level',
};

/** The page, with the table of each section in its place. */
export function withOptionTables(page: string): string {
  return page.replace(/(<!-- options of (\w+) -->\n).*?(<!-- end of options -->)/gs, (_match, begin, section, end) => {
    const rows = options.filter((option) => option.section === section).map(rowOf);
    return `${begin}\n${['| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n')}\n\n${end}`;
  });
}

function rowOf({ key, synonyms = [], type, required, default: standard, secret, description }: Option): string {
  const names = [key, ...synonyms].map((name) => `\`${name}\``).join(', ');
  const value = secret === true ? `${units[type]}, secret` : units[type];
  const fallback = required === true ? 'required' : standard === undefined ? '' : `\`${standard}\``;
  return `| ${names} | ${value} | ${fallback} | ${description} |`;
}

if (import.meta.main) {
  const file = new URL('guide/configuration.md', import.meta.url);
  writeFileSync(file, withOptionTables(readFileSync(file, 'utf8')));
}
