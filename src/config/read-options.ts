import { suggestionFor } from './closest-word.ts';
import { ConfigurationError } from './configuration-error.ts';
import { expandReferences } from './environment-references.ts';
import { type IniSection, type IniValue, parseIni } from './ini.ts';
import { mask } from './mask-secrets.ts';
import { namesOf, type Option, options } from './options.ts';

/** Values by the key of their option, synonyms resolved. What is empty is absent. */
export type Found = ReadonlyMap<string, FoundValue>;

/** A value that the file gives. */
export interface FoundValue {
  /** As it stands in the file. */
  readonly key: string;
  readonly value: string;
  readonly line: number;
  /** A secret that was left masked: it stays as it is in force. */
  readonly masked?: boolean;
}

/** Options of `readOptions`. */
export interface ReadOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Keys of `[auth]` that providers ask for beyond those that everybody knows. */
  readonly settingKeys: readonly { readonly key: string; readonly secret?: boolean | undefined }[];
}

const sectionNames = ['store', 'auth'] as const;
/** Sections of the RAID layer NubiSave, whose configuration files CloudFusion shares. */
const foreignSections: ReadonlySet<string> = new Set(['module', 'mounting', 'splitter']);

/** Reads the known keys of a file. Throws `ConfigurationError` for unknown sections and keys, and for variables that are not set. */
export function readOptions(text: string, { environment, settingKeys }: ReadOptions): Found {
  const known = [...options, ...settingOptions(settingKeys)];
  const byName = new Map(known.flatMap((option) => namesOf(option).map((name) => [name, option] as const)));
  const { sections } = parseIni(text);
  for (const section of sections.values()) assertSection(section, byName);

  const found = new Map<string, FoundValue>();
  for (const option of known) {
    const given = firstGiven(option, sections.get(option.section));
    if (given === undefined) continue;
    if (option.secret === true && given.value === mask) {
      found.set(option.key, { key: given.key, value: '', line: given.line, masked: true });
      continue;
    }
    const value = expandReferences(given.value, given.line, environment);
    if (value !== '') found.set(option.key, { key: given.key, value, line: given.line });
  }
  return found;
}

function settingOptions(settings: ReadOptions['settingKeys']): Option[] {
  const known = new Set(options.flatMap(namesOf));
  return [...new Map(settings.map((setting) => [setting.key, setting])).values()]
    .filter(({ key }) => !known.has(key))
    .map(({ key, secret }) => ({ key, section: 'auth', type: 'text', secret: secret === true, description: '' }));
}

function assertSection(section: IniSection, byName: ReadonlyMap<string, Option>): void {
  const { name, line } = section;
  if (foreignSections.has(name)) return;
  if (name !== 'store' && name !== 'auth')
    throw new ConfigurationError(`there is no section [${name}]${suggestionFor(name, sectionNames)}`, line);
  for (const value of section.values.values()) assertKey(value, name, byName);
}

function assertKey({ key, line }: IniValue, section: 'store' | 'auth', byName: ReadonlyMap<string, Option>): void {
  const option = byName.get(key);
  if (option === undefined) {
    const names = [...byName].filter(([, option]) => option.section === section).map(([name]) => name);
    throw new ConfigurationError(`there is no key "${key}" in [${section}]${suggestionFor(key, names)}`, line);
  }
  if (option.section !== section)
    throw new ConfigurationError(`the key "${key}" belongs into the section [${option.section}]`, line);
}

function firstGiven(option: Option, section: IniSection | undefined): IniValue | undefined {
  return namesOf(option)
    .map((name) => section?.values.get(name))
    .find((given) => given !== undefined && given.value !== '');
}
