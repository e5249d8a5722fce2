import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from './cache-report.ts';
import { diskFull } from './disk-full.ts';

const noteEnding = '.json';
/** More are not told one by one. */
const mostTold = 100;

/** What is told of something that was put aside. */
export interface Loss {
  /** Whose it is, as the user sees it; where that is not known, where it lies now. */
  readonly path?: string | undefined;
  /** One sentence. */
  readonly message: string;
  /** What a person may need who repairs it, as JSON. */
  readonly details?: unknown;
}

/**
 * The directory `lost+found` of a cache: what could not be read is put here and never deleted. Beside each lies a note, a JSON file,
 * that says what it is; as long as the note and what it is about are there, the cache tells of it.
 */
export class LostAndFound {
  readonly directory: string;
  #count = 0;

  constructor(cacheDirectory: string) {
    this.directory = join(cacheDirectory, 'lost+found');
  }

  /** What was put aside and is still there, oldest first: the newest hundred. A note whose file somebody has taken away is removed. */
  problems(): Problem[] {
    if (!existsSync(this.directory)) return [];
    const names = new Set(readdirSync(this.directory));
    const problems: Problem[] = [];
    for (const name of names) {
      const note = name.endsWith(noteEnding) ? this.#read(name) : this.#withoutNote(name, names);
      if (note !== undefined) problems.push(note);
    }
    return problems.toSorted((a, b) => a.at - b.at).slice(-mostTold);
  }

  /** Moves the file at `from` here, under a name that is free and begins with `name`. */
  take(from: string, name: string, loss: Loss): Problem {
    const free = this.#freeName(name);
    const kept = join(this.directory, free);
    renameSync(from, kept);
    return this.#note(free, { ...loss, path: loss.path ?? kept }, free);
  }

  /** Writes bytes here. Throws what the disk throws. */
  keep(bytes: Uint8Array, name: string, loss: Loss): Problem {
    const free = this.#freeName(name);
    const kept = join(this.directory, free);
    writeFileSync(kept, bytes, { mode: 0o600, flag: 'wx' });
    return this.#note(free, { ...loss, path: loss.path ?? kept }, free);
  }

  /** Notes a loss of which nothing is left but what `details` says. */
  note(name: string, loss: Loss & { readonly path: string }): Problem {
    return this.#note(this.#freeName(name), loss, undefined);
  }

  #freeName(name: string): string {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    let free: string;
    do free = `${name}-${Date.now()}-${++this.#count}`;
    while (existsSync(join(this.directory, free)) || existsSync(join(this.directory, free + noteEnding)));
    return free;
  }

  #note(name: string, { path, message, details }: Loss, kept: string | undefined): Problem {
    const problem: Problem = { at: Date.now(), kind: 'quarantined', path: path ?? '', message };
    const text = JSON.stringify({ at: problem.at, path, message, kept, details }, undefined, 2);
    try {
      writeFileSync(join(this.directory, name + noteEnding), `${text}\n`, { mode: 0o600 });
    } catch (error) {
      // What it is about is kept all the same, and told of by its name.
      if (diskFull(error) === undefined) throw error;
    }
    return problem;
  }

  #read(name: string): Problem | undefined {
    const note = parsedNote(readFileSync(join(this.directory, name), 'utf8'));
    if (note === undefined) return this.#nameless(name);
    const { at, path, message, kept } = note;
    if (kept !== undefined && !existsSync(join(this.directory, kept))) {
      rmSync(join(this.directory, name));
      return undefined;
    }
    return { at, kind: 'quarantined', path, message };
  }

  #withoutNote(name: string, names: ReadonlySet<string>): Problem | undefined {
    return names.has(name + noteEnding) ? undefined : this.#nameless(name);
  }

  #nameless(name: string): Problem {
    return { at: 0, kind: 'quarantined', path: join(this.directory, name), message: 'was put aside in an earlier run' };
  }
}

interface Note {
  readonly at: number;
  readonly path: string;
  readonly message: string;
  readonly kept: string | undefined;
}

/** Undefined for what is no note, or was cut short. */
function parsedNote(text: string): Note | undefined {
  let note: Partial<Record<keyof Note, unknown>> | null;
  try {
    note = JSON.parse(text) as Partial<Record<keyof Note, unknown>> | null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  const { at, path, message, kept } = note ?? {};
  if (typeof at !== 'number' || typeof path !== 'string' || typeof message !== 'string') return undefined;
  // A name in this directory and nothing else, whoever wrote the note.
  if (kept !== undefined && (typeof kept !== 'string' || kept.includes('/'))) return undefined;
  return { at, path, message, kept };
}
