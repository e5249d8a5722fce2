import { ownValue } from '../store/own-value.ts';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigurationError } from './configuration-error.ts';
import { suggestionFor } from './closest-word.ts';
import { type LogLevel, logLevels, optionCalled } from './options.ts';
import type { Found, FoundValue } from './read-options.ts';

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  1: true,
  false: false,
  no: false,
  off: false,
  n: false,
  0: false,
};

/** The seconds of an option, or its default. Throws `ConfigurationError` with the line. */
export function secondsOf(found: Found, key: string): number {
  return numberOf(found, key, 'seconds');
}

/** As `secondsOf`, for a time that cannot be none. */
export function secondsAboveZeroOf(found: Found, key: string): number {
  const seconds = secondsOf(found, key);
  if (seconds === 0) throw new ConfigurationError(`"${key}" is more than 0 seconds`, found.get(key)?.line);
  return seconds;
}

/** The bytes of an option given in megabytes, or its default. Throws `ConfigurationError` with the line. */
export function megabytesOf(found: Found, key: string): number {
  return Math.round(numberOf(found, key, 'megabytes') * 1_000_000);
}

/** Whether an option is on. Throws `ConfigurationError` with the line. */
export function booleanOf(found: Found, key: string): boolean {
  const given = found.get(key) ?? defaultOf(key);
  const truth = given === undefined ? false : ownValue(truths, given.value.toLowerCase());
  if (truth === undefined) throw new ConfigurationError(`"${key}" is true or false`, given?.line);
  return truth;
}

/** The level of an option. Throws `ConfigurationError` with the line. */
export function levelOf(found: Found, key: string): LogLevel | undefined {
  const given = found.get(key);
  if (given === undefined) return undefined;
  const level = logLevels.find((level) => level === given.value.toLowerCase());
  if (level === undefined)
    throw new ConfigurationError(
      `"${key}" is one of ${logLevels.join(', ')}${suggestionFor(given.value, logLevels)}`,
      given.line,
    );
  return level;
}

/** The whole number of an option, below 2^32 - 1, which means "nobody" (chown(2)); undefined where none is given. Throws `ConfigurationError` with the line. */
export function wholeNumberOf(found: Found, key: string): number | undefined {
  const given = found.get(key);
  if (given === undefined) return undefined;
  if (!/^\d{1,10}$/.test(given.value) || Number(given.value) >= 2 ** 32 - 1)
    throw new ConfigurationError(`"${key}" is a whole number from 0, not "${given.value}"`, given.line);
  return Number(given.value);
}

/** The permission bits of an option, or its default; undefined where there is none. Throws `ConfigurationError` with the line. */
export function modeOf(found: Found, key: string): number | undefined {
  const given = found.get(key) ?? defaultOf(key);
  if (given === undefined) return undefined;
  if (!/^0?[0-7]{3}$/.test(given.value))
    throw new ConfigurationError(`"${key}" is three octal digits, such as 644, not "${given.value}"`, given.line);
  return Number.parseInt(given.value, 8);
}

/** The absolute path that a value means: `~/` is the home directory. Throws `ConfigurationError` for a relative path without base. */
export function pathOf(given: FoundValue, baseDirectory: string | undefined): string {
  const { value, line } = given;
  if (value.includes('\n') || value.includes('\0'))
    throw new ConfigurationError(`"${given.key}" is a path in one line`, line);
  if (value === '~' || value.startsWith('~/')) return join(homedir(), value.slice(1));
  if (isAbsolute(value)) return resolve(value);
  if (baseDirectory === undefined)
    throw new ConfigurationError(`"${given.key}" must be an absolute path here, such as /home/you/files`, line);
  return resolve(baseDirectory, value);
}

function numberOf(found: Found, key: string, unit: string): number {
  const given = found.get(key) ?? defaultOf(key);
  const number = given !== undefined && /^\d+(\.\d+)?$/.test(given.value) ? Number(given.value) : Number.NaN;
  if (!Number.isSafeInteger(Math.ceil(number * 1_000_000)))
    throw new ConfigurationError(`"${key}" is a number of ${unit} from 0, not "${given?.value ?? ''}"`, given?.line);
  return number;
}

function defaultOf(key: string): { readonly value: string; readonly line: undefined } | undefined {
  const value = optionCalled(key)?.default;
  return value === undefined ? undefined : { value, line: undefined };
}
