import type { HttpResponse } from '../../http/http-request.ts';
import { SharedWork } from '../../http/shared-work.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { encodeName, type GoogleClient, type GoogleQuery, jsonIn, strayAnswer } from '../google/google-client.ts';
import { faultOf } from '../google/google-error.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { DocumentExports } from './document-exports.ts';
import { type DriveFile, fileFields, soundFile } from './drive-file.ts';

/** What is said about a file. */
export type FileDescription = Readonly<Record<string, unknown>>;

/** Path of the files at Drive. */
export const filesPath = '/drive/v3/files';

const idsAtOnce = 1000;
const pageSize = 1000;
const exportsAtOnce = 4;

interface FilePage {
  readonly files?: readonly DriveFile[];
  readonly nextPageToken?: string;
  readonly incompleteSearch?: boolean;
}

/** The calls of Drive's API, version 3, for the files of an account or of one shared drive. */
export class DriveCalls {
  readonly client: GoogleClient;
  readonly driveId: string | undefined;
  readonly exports: DocumentExports;
  #ids: string[] = [];
  readonly #coming = new SharedWork<void>();

  /** Every file that is answered is so as `exports` shows it. */
  constructor(client: GoogleClient, driveId: string | undefined, exports: DocumentExports) {
    this.client = client;
    this.driveId = driveId;
    this.exports = exports;
  }

  /** The file of an id, undefined where there is none. `root` is the folder above all of the account. */
  async get(id: string, { signal }: CallOptions): Promise<DriveFile | undefined> {
    try {
      const file = await this.client.json<DriveFile>({
        operation: 'files.get',
        method: 'GET',
        path: pathOf(id),
        query: { fields: fileFields, ...allDrives },
        signal,
      });
      return await this.#shown(file, { signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** All files that a query finds. Throws `Unavailable` where Drive did not look everywhere, `NotFound` for a folder that is gone. */
  async list(q: string, { signal }: CallOptions): Promise<DriveFile[]> {
    const files: DriveFile[] = [];
    let pageToken: string | undefined;
    do {
      const page = await this.#page(q, pageSize, pageToken, signal);
      const shown = [...page.files];
      await forEachConcurrently(shown.keys(), exportsAtOnce, async (at) => {
        shown[at] = await this.#shown(shown[at] as DriveFile, { signal });
      });
      files.push(...shown);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined && pageToken !== '');
    return files;
  }

  /** Whether a query finds anything. */
  async finds(q: string, { signal }: CallOptions): Promise<boolean> {
    for (let pageToken: string | undefined; ; ) {
      const page = await this.#page(q, 1, pageToken, signal);
      if (page.files.length > 0) return true;
      if (page.nextPageToken === undefined || page.nextPageToken === '') return false;
      pageToken = page.nextPageToken;
    }
  }

  /** Makes a file without content, a folder. A repetition finds what an earlier attempt made. */
  async create(description: FileDescription, { signal }: CallOptions): Promise<DriveFile> {
    const id = await this.newId({ signal });
    return await this.making(id, { signal }, () =>
      this.client.once({
        operation: 'files.create',
        method: 'POST',
        path: filesPath,
        query: { fields: fileFields, ...allDrives },
        headers: jsonHeaders,
        body: JSON.stringify({ ...description, id }),
        signal,
      }),
    );
  }

  /** Changes what is said about a file; `query` moves it. */
  async update(
    id: string,
    description: FileDescription,
    { signal }: CallOptions,
    query: GoogleQuery = {},
  ): Promise<DriveFile> {
    const file = await this.client.json<DriveFile>({
      operation: 'files.update',
      method: 'PATCH',
      path: pathOf(id),
      query: { fields: fileFields, ...query, ...allDrives },
      headers: jsonHeaders,
      body: JSON.stringify(description),
      signal,
    });
    return await this.#shown(file, { signal });
  }

  /** Copies a file. Documents of Google's editors take no id of ours, so their copy is tried once only. */
  async copy(id: string, description: FileDescription, isLink: boolean, { signal }: CallOptions): Promise<DriveFile> {
    const send = (body: FileDescription): Promise<HttpResponse> =>
      this.client.once({
        operation: 'files.copy',
        method: 'POST',
        path: `${pathOf(id)}/copy`,
        query: { fields: fileFields, ...allDrives },
        headers: jsonHeaders,
        body: JSON.stringify(body),
        signal,
      });
    if (isLink) return await this.#shown(await jsonIn<DriveFile>(await send(description)), { signal });
    const copyId = await this.newId({ signal });
    return await this.making(copyId, { signal }, () => send({ ...description, id: copyId }));
  }

  /** Deletes a file for good, a folder with all in it. What is not there is deleted already. */
  async delete(id: string, { signal }: CallOptions): Promise<void> {
    const call = { operation: 'files.delete', method: 'DELETE', accept: [404], signal };
    await this.client.done({ ...call, path: pathOf(id), query: { ...allDrives } });
  }

  /** Sends what makes the file `id`, again and again; where it is made already, an earlier attempt did it. */
  async making(
    id: string,
    { signal }: CallOptions,
    send: () => Promise<HttpResponse>,
    deadline?: number,
  ): Promise<DriveFile> {
    return await this.client.retrying(
      { signal },
      async () => {
        try {
          return soundFile(await jsonIn<DriveFile>(await send()));
        } catch (error) {
          if (faultOf(error)?.status !== 409) throw error;
          const made = await this.get(id, { signal });
          if (made === undefined) throw error;
          return made;
        }
      },
      deadline === undefined ? {} : { deadline },
    );
  }

  /**
   * An id for a new file (https://developers.google.com/workspace/drive/api/reference/rest/v3/files/generateIds): a creation that is repeated under
   * the same id makes no second file.
   */
  async newId({ signal }: CallOptions): Promise<string> {
    for (;;) {
      const id = this.#ids.pop();
      if (id !== undefined) return id;
      await this.#coming.do('ids', () => this.#moreIds(), signal);
    }
  }

  async #moreIds(): Promise<void> {
    const query = { count: idsAtOnce, space: 'drive', type: 'files' };
    const call = { operation: 'files.generateIds', method: 'GET', path: `${filesPath}/generateIds`, query };
    const { ids } = await this.client.json<{ readonly ids?: readonly string[] }>(call);
    if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string'))
      throw new StoreError('Unavailable', { message: 'Drive made no ids for new files' });
    this.#ids.push(...ids);
  }

  async #shown(file: DriveFile, options: CallOptions): Promise<DriveFile> {
    return await this.exports.shown(soundFile(file), options);
  }

  async #page(
    q: string,
    size: number,
    pageToken: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FilePage & { readonly files: readonly DriveFile[] }> {
    const where = this.driveId === undefined ? { corpora: 'user' } : { corpora: 'drive', driveId: this.driveId };
    const fields = `nextPageToken,incompleteSearch,files(${fileFields})`;
    const query = { q, pageSize: size, pageToken, fields, includeItemsFromAllDrives: 'true', ...where, ...allDrives };
    const call = { operation: 'files.list', method: 'GET', path: filesPath, query, signal };
    const page = await this.client.json<FilePage>(call);
    // An empty object, as something else may answer, is no empty folder.
    const files = page.files ?? (page.incompleteSearch === false ? [] : undefined);
    if (page.incompleteSearch === true)
      throw new StoreError('Unavailable', { message: 'Drive did not look through all of its files' });
    if (!Array.isArray(files)) throw strayAnswer();
    return { ...page, files };
  }
}

/** Without it, what lies in shared drives is not found. */
export const allDrives = { supportsAllDrives: 'true' } as const;

const jsonHeaders = { 'content-type': 'application/json; charset=UTF-8' };

/** Path of one file at Drive. */
export function pathOf(id: string): string {
  return `${filesPath}/${encodeName(id)}`;
}
