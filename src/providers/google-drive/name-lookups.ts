import { unlessAborted } from '../../http/shared-work.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DriveFile } from './drive-file.ts';

/** Names in one question. */
const mostNames = 40;
/** Characters of the names in one question, as they are in its address; addresses of some kilobytes are taken everywhere. */
const mostCharacters = 4000;

/** Names of one folder that are asked for together. */
interface Question {
  readonly names: Set<string>;
  characters: number;
  readonly answer: Promise<DriveFile[]>;
  readonly resolve: (answer: Promise<DriveFile[]>) => void;
}

/** What is asked of one folder. */
interface Folder {
  isAsking: boolean;
  /** In the order in which they are asked; the last one takes more names. */
  readonly waiting: Question[];
}

/**
 * Asks what folders hold under names, one question of each folder at a time: what is asked meanwhile goes together in the next one. Each new file is
 * looked for before it is made, and Drive limits requests. What is answered is never older than the call.
 */
export class NameLookups {
  readonly #ask: (folder: string, names: readonly string[]) => Promise<DriveFile[]>;
  readonly #folders = new Map<string, Folder>();

  constructor(ask: (folder: string, names: readonly string[]) => Promise<DriveFile[]>) {
    this.#ask = ask;
  }

  /** The files of that very name. Rejects as the request does, and with `signal.reason` at once. */
  async find(folderId: string, name: string, { signal }: CallOptions): Promise<DriveFile[]> {
    let folder = this.#folders.get(folderId);
    if (folder === undefined) this.#folders.set(folderId, (folder = { isAsking: false, waiting: [] }));
    const question = questionFor(folder, name);
    if (!folder.isAsking) void this.#work(folderId, folder);
    const files = await unlessAborted(question.answer, signal);
    return files.filter((file) => file.name === name);
  }

  async #work(folderId: string, folder: Folder): Promise<void> {
    folder.isAsking = true;
    // Who asks in the same turn is part of the first question.
    await Promise.resolve();
    for (let question = folder.waiting.shift(); question !== undefined; question = folder.waiting.shift()) {
      question.resolve(this.#ask(folderId, [...question.names]));
      await question.answer.catch(() => undefined);
    }
    this.#folders.delete(folderId);
  }
}

/** The question that a name is part of. */
function questionFor({ waiting }: Folder, name: string): Question {
  const characters = encodeURIComponent(name).length;
  let question = waiting.at(-1);
  if (question === undefined || isFull(question, characters)) waiting.push((question = newQuestion()));
  question.names.add(name);
  question.characters += characters;
  return question;
}

function isFull({ names, characters }: Question, more: number): boolean {
  return names.size >= mostNames || characters + more > mostCharacters;
}

function newQuestion(): Question {
  const { promise: answer, resolve } = Promise.withResolvers<DriveFile[]>();
  // Whoever waited may have left.
  answer.catch(() => undefined);
  return { names: new Set(), characters: 0, answer, resolve };
}
