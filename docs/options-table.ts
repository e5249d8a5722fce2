/**
 * Writes the tables of options in `guide/configuration.md` from `src/config/options.ts`, and those of a store's settings in
 * `providers/*.md` from `src/providers/registry.ts` (`npm run docs:options`). `test/documents.test.ts` fails when they are out
 * of date.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { namesOf, type Option, optionCalled, options } from '../src/config/options.ts';
import { providers } from '../src/providers/registry.ts';
import type { ProviderSetting } from '../src/providers/service/provider-setting.ts';

const units: Readonly<Record<Option['type'], string>> = {
  text: 'text',
  path: 'path',
  seconds: 'seconds',
  megabytes: 'MB',
  boolean: '`true` or `false`',
  level: 'level',
  number: 'number',
  mode: 'octal',
  rates: 'rate or timetable',
};

/** The page, with the table of each section in its place. */
export function withOptionTables(page: string): string {
  return page.replace(/(<!-- options of (\w+) -->\n).*?(<!-- end of options -->)/gs, (_match, begin, section, end) => {
    const rows = options.filter((option) => option.section === section).map(rowOf);
    return `${begin}\n${['| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n')}\n\n${end}`;
  });
}

/** The page of a provider, with the table of its settings in its place. Throws a `TypeError` for a provider that there is not. */
export function withSettingTables(page: string): string {
  return page.replace(
    /(<!-- settings of ([\w -]+) -->\n).*?(<!-- end of settings -->)/gs,
    (_match, begin, name, end) => {
      const provider = providers[String(name)];
      if (provider === undefined) throw new TypeError(`there is no provider ${name}`);
      const rows = provider.settings.map(settingRowOf);
      return `${begin}\n${['| key in `[auth]` | default | meaning |', '|---|---|---|', ...rows].join('\n')}\n\n${end}`;
    },
  );
}

function settingRowOf({ key, required, secret, default: standard, description }: ProviderSetting): string {
  const option = optionCalled(key);
  const names = (option === undefined ? [key] : [key, ...namesOf(option).filter((name) => name !== key)])
    .map((name) => `\`${name}\``)
    .join(', ');
  const fallback = required ? 'required' : standard === undefined ? '' : `\`${standard}\``;
  return `| ${names}${secret ? ' (secret)' : ''} | ${fallback} | ${description} |`;
}

function rowOf({ key, synonyms = [], type, required, default: standard, secret, description }: Option): string {
  const names = [key, ...synonyms].map((name) => `\`${name}\``).join(', ');
  const value = secret === true ? `${units[type]}, secret` : units[type];
  const fallback = required === true ? 'required' : standard === undefined ? '' : `\`${standard}\``;
  return `| ${names} | ${value} | ${fallback} | ${description} |`;
}

if (import.meta.main) {
  for (const path of globSync('{guide,providers}/*.md', { cwd: import.meta.dirname })) {
    const file = new URL(path, import.meta.url);
    writeFileSync(file, withSettingTables(withOptionTables(readFileSync(file, 'utf8'))));
  }
}
