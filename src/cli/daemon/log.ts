import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type LogLevel, logLevels } from '../../config/options.ts';

const largestLog = 2_000_000;
const oldLogs = 2;
const longestBacklog = 1000;

/**
 * The log of a mount: lines with time and level, into a file or wherever `write` puts them. Until it is known where, lines are
 * kept. A file of more than 2 MB is renamed to `.1`, and that to `.2`. Whoever logs takes secrets out before.
 */
export class Log {
  #level: LogLevel | undefined;
  readonly #given: ((line: string) => void) | undefined;
  #write: ((line: string) => void) | undefined;
  #backlog: string[] = [];

  /** Without a level nothing is logged. */
  constructor(level: LogLevel | undefined, write?: (line: string) => void) {
    this.#level = level;
    this.#given = write;
    this.#write = write;
  }

  /** From now on lines of this level go into `file`, unless a place was given at the beginning. */
  open(level: LogLevel | undefined, file: string): void {
    this.#level = level;
    if (level === undefined) return;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#write = this.#given ?? ((line) => appendToLog(file, line));
    for (const line of this.#backlog.splice(0)) this.#write(line);
  }

  error(text: string): void {
    this.#add('error', text);
  }

  warn(text: string): void {
    this.#add('warn', text);
  }

  info(text: string): void {
    this.#add('info', text);
  }

  debug(text: string): void {
    this.#add('debug', text);
  }

  #add(level: LogLevel, text: string): void {
    if (this.#level === undefined || logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return;
    const line = `${new Date().toISOString()} ${level} ${text.replaceAll('\n', '\n  ')}\n`;
    if (this.#write !== undefined) this.#write(line);
    else if (this.#backlog.push(line) > longestBacklog) this.#backlog.shift();
  }
}

function appendToLog(file: string, line: string): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status !== undefined && status.size > largestLog) rotate(file);
  appendFileSync(file, line, { mode: 0o600 });
}

function rotate(file: string): void {
  rmSync(`${file}.${oldLogs}`, { force: true });
  for (let number = oldLogs; number > 1; number--) {
    if (statSync(`${file}.${number - 1}`, { throwIfNoEntry: false }) !== undefined)
      renameSync(`${file}.${number - 1}`, `${file}.${number}`);
  }
  renameSync(file, `${file}.1`);
}
