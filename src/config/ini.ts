/**
 * Configuration files as Python 2's `ConfigParser` reads them, so that the files of CloudFusion's first life load as they are
 * (https://docs.python.org/2.7/library/configparser.html; its corner cases were compared with Python 2.7.18 itself).
 *
 * - `key = value` and `key: value`, whichever sign comes first; keys lose their case, sections and values keep it.
 * - `#` or `;` in the first column begins a comment, and so does a lone `rem`. Behind a value only `;` after white space does,
 *   and only if it is the value's first `;`. An indented `#` line is *not* a comment but continues the value above.
 * - An indented line continues the value above it, across comments and blank lines; the parts are joined by line feeds.
 * - A section or key that comes again adds to or replaces the first. `[DEFAULT]` gives values to every section.
 * - The value `""` is empty.
 *
 * Two things differ: `%` is an ordinary character, and a byte order mark is skipped.
 */
import { ConfigurationError } from './configuration-error.ts';

/** What a configuration file says. */
export interface IniFile {
  /** By name, in order of appearance, without `[DEFAULT]`. */
  readonly sections: ReadonlyMap<string, IniSection>;
}

/** One section, wherever its parts stand. */
export interface IniSection {
  readonly name: string;
  /** Where its header first stands. */
  readonly line: number;
  /** By key, in lower case, with the values of `[DEFAULT]` last. */
  readonly values: ReadonlyMap<string, IniValue>;
}

/** One key with its value. */
export interface IniValue {
  readonly key: string;
  readonly value: string;
  /** Where its key stands. */
  readonly line: number;
}

/** How one line reads on its own; `open` says whether a value above can be continued. */
export type IniLine =
  | { readonly kind: 'nothing' | 'malformed' }
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'value'; readonly key: string; readonly value: string }
  | { readonly kind: 'continuation'; readonly value: string };

interface GrowingSection {
  readonly name: string;
  readonly line: number;
  readonly values: Map<string, { key: string; value: string; line: number }>;
}

const space = '[ \\t\\n\\r\\v\\f]';
const onlySpace = new RegExp(`^${space}*$`);
const startsWithSpace = new RegExp(`^${space}`);
const removed = new RegExp(`^rem(${space}|$)`, 'i');
const header = /^\[([^\]]+)\]/;
const assignment = new RegExp(`^([^:= \\t\\n\\r\\v\\f][^:=]*)[:=]${space}*([^]*)$`);
const outerSpace = new RegExp(`^${space}+|${space}+$`, 'g');

/** Reads a file. Throws `ConfigurationError` for a line that is neither section, value nor comment; it never repeats the line. */
export function parseIni(text: string): IniFile {
  const sections = new Map<string, GrowingSection>();
  const defaults: GrowingSection = { name: 'DEFAULT', line: 0, values: new Map() };
  let section: GrowingSection | undefined;
  let growing: { value: string } | undefined;

  for (const [index, line] of linesOf(text).entries()) {
    const number = index + 1;
    const read = readIniLine(line, growing !== undefined);
    if (read.kind === 'section') {
      section = read.name === defaults.name ? defaults : sections.get(read.name);
      if (section === undefined) {
        section = { name: read.name, line: number, values: new Map() };
        sections.set(read.name, section);
      }
      growing = undefined;
    } else if (read.kind === 'continuation' && growing !== undefined) {
      growing.value += `\n${read.value}`;
    } else if (read.kind === 'value' && section !== undefined) {
      const value = { key: read.key, value: read.value, line: number };
      section.values.set(read.key, value);
      growing = value;
    } else if (read.kind !== 'nothing') {
      throw new ConfigurationError(complaint(section !== undefined), number);
    }
  }
  for (const { values } of sections.values())
    for (const [key, value] of defaults.values) if (!values.has(key)) values.set(key, value);
  return { sections };
}

/** The lines of a file, without their line feeds. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split('\n');
}

/** Reads one line, without its line feed. */
export function readIniLine(line: string, open: boolean): IniLine {
  if (onlySpace.test(line) || /^[#;]/.test(line) || removed.test(line)) return { kind: 'nothing' };
  if (open && startsWithSpace.test(line)) return { kind: 'continuation', value: trim(line) };
  const name = header.exec(line)?.[1];
  if (name !== undefined) return { kind: 'section', name };
  const [, key, value] = assignment.exec(line) ?? [];
  if (key === undefined || value === undefined) return { kind: 'malformed' };
  return { kind: 'value', key: trim(key).toLowerCase(), value: valueOf(value) };
}

function valueOf(text: string): string {
  const comment = text.indexOf(';');
  // At the very beginning Python looks at the last character; kept, since a secret may begin with ";".
  const value = trim(comment >= 0 && startsWithSpace.test(text.at(comment - 1)!) ? text.slice(0, comment) : text);
  return value === '""' ? '' : value;
}

function trim(text: string): string {
  return text.replace(outerSpace, '');
}

function complaint(insideSection: boolean): string {
  if (!insideSection) return 'expected a section such as [store] before anything else';
  return 'expected "key = value", a section such as [store], or a comment that begins with "#" or ";" in the first column';
}
