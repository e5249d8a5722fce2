import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SharedWork } from '../../http/shared-work.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { encodeName, type GoogleClient } from '../google/google-client.ts';
import { faultOf } from '../google/google-error.ts';
import type { DriveFile, ExportedContent } from './drive-file.ts';
import { type ExportFormat, formatOf } from './export-formats.ts';
import { HeldExports } from './held-exports.ts';

/** What is known of one document. */
interface KnownExport {
  readonly modifiedTime: string;
  /** Undefined for what Google does not export. */
  readonly content: ExportedContent | undefined;
  /** When it is asked for again although nothing changed, in milliseconds since the epoch. */
  readonly until: number;
}

const mostKnown = 20_000;
/** Google exports 10 MB at the most. */
const largest = 16 << 20;
/** Of a PDF that is too large Google says that something broke inside, each time: so often it is tried. */
const attemptsAfterFaults = 3;
const pauseAfterFault = 500;
/** After that, in milliseconds. */
const timeAfterFaults = 10 * 60_000;

/**
 * Documents of Google's editors as files of other programs. Only an export tells how long one is, so each is exported when it is first
 * seen, and again when it changed. What Google does not export (10 MB are the most) stays a link.
 */
export class DocumentExports {
  readonly #client: GoogleClient;
  readonly #endings: readonly string[];
  readonly #known = new Map<string, KnownExport>();
  readonly #held = new HeldExports();
  readonly #running = new SharedWork<KnownExport>();

  /** `endings` are those of `exportEndings`, the preferred ones first. */
  constructor(client: GoogleClient, endings: readonly string[]) {
    this.#client = client;
    this.#endings = endings;
  }

  /** The file as it is shown: a document with the name and size of what it is exported as. All else as it is. */
  async shown(file: DriveFile, { signal }: CallOptions): Promise<DriveFile> {
    const format = this.#formatOf(file);
    if (format === undefined || file.trashed) return file;
    let known = this.#known.get(file.id);
    if (known?.modifiedTime !== file.modifiedTime || known.until < Date.now())
      known = await this.#running.do(file.id, () => this.#learn(file, format), signal);
    const { content } = known;
    return content === undefined ? file : { ...file, name: file.name + content.ending, exported: content };
  }

  /** The same file under each name that it may be shown under: what is not exported yet may stay a link. */
  variants(file: DriveFile): DriveFile[] {
    const format = this.#formatOf(file);
    return format === undefined ? [file] : [file, { ...file, name: file.name + format.ending }];
  }

  /** The names that a document may have at Drive which is shown under `name`. */
  titles(name: string): string[] {
    const title = this.#endings.find((ending) => name.endsWith(`.${ending}`) && name.length > ending.length + 1);
    return title === undefined ? [] : [name.slice(0, -title.length - 1)];
  }

  /** The bytes of a document as it was shown. Throws `Conflict` when it has changed since. */
  async bytesOf(file: DriveFile, exported: ExportedContent, { signal }: CallOptions): Promise<Buffer> {
    const held = this.#held.get(file.id, exported.digest);
    if (held !== undefined) return held;
    const format = this.#formatOf(file);
    if (format !== undefined) await this.#running.do(file.id, () => this.#learn(file, format), signal);
    const bytes = this.#held.get(file.id, exported.digest);
    if (bytes !== undefined) return bytes;
    throw new StoreError('Conflict', { message: 'the document is exported differently now' });
  }

  #formatOf({ mimeType }: DriveFile): ExportFormat | undefined {
    return this.#endings.length === 0 ? undefined : formatOf(mimeType, this.#endings);
  }

  async #learn(file: DriveFile, format: ExportFormat): Promise<KnownExport> {
    const { id, modifiedTime } = file;
    const answer = await this.#export(id, format);
    const before = this.#known.get(id)?.content;
    const known =
      answer === 'broken'
        ? { modifiedTime, content: before, until: Date.now() + timeAfterFaults }
        : { modifiedTime, content: this.#hold(id, format, answer), until: Infinity };
    this.#remember(id, known);
    return known;
  }

  #remember(id: string, known: KnownExport): void {
    this.#known.delete(id);
    this.#known.set(id, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
  }

  #hold(id: string, { ending }: ExportFormat, bytes: Buffer | undefined): ExportedContent | undefined {
    if (bytes === undefined) return undefined;
    const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
    this.#held.put(id, digest, bytes);
    return { ending, digest, size: bytes.length };
  }

  /**
   * https://developers.google.com/workspace/drive/api/reference/rest/v3/files/export. Undefined for what Google refuses to export; `broken` for what it
   * fails to, again and again, while it answers everything else.
   */
  async #export(id: string, { type }: ExportFormat): Promise<Buffer | undefined | 'broken'> {
    const query = { mimeType: type };
    const call = { operation: 'files.export', method: 'GET', path: `/drive/v3/files/${encodeName(id)}/export`, query };
    return await this.#client.retrying({}, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return Buffer.from(await (await this.#client.once(call)).body.bytes(largest));
        } catch (error) {
          if (isRefusal(error)) return undefined;
          if (faultOf(error)?.status !== 500) throw error;
          if (attempt >= attemptsAfterFaults) return 'broken';
          await pause(pauseAfterFault * attempt);
        }
      }
    });
  }
}

/** The export itself is refused, for good. */
function isRefusal(error: unknown): boolean {
  const status = faultOf(error)?.status ?? 0;
  return error instanceof StoreError && !error.retryable && [400, 403, 404].includes(status);
}
