import type { HttpResponse } from '../../http/http-request.ts';
import { SharedWork } from '../../http/shared-work.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import { accountIn, type SugarAccount } from './sugar-account.ts';
import { type SugarClient, xmlType } from './sugar-client.ts';
import { sugarDocument } from './sugar-document.ts';
import { faultStatus } from './sugar-fault.ts';
import { allPages } from './sugar-pages.ts';
import { isTop, refOf, resourceIn, strangeAnswer, type SugarFolder, type SugarResource } from './sugar-resource.ts';

/** A name in a folder. */
export interface SugarPlace {
  readonly name: string;
  readonly parent: SugarFolder;
}

/** The requests of the Platform API for files and folders (https://www.sugarsync.com/dev/api/resource-ref.html). */
export class SugarCalls {
  readonly client: SugarClient;
  readonly #coming = new SharedWork<SugarAccount>();
  #account: SugarAccount | undefined;

  constructor(client: SugarClient) {
    this.client = client;
  }

  /** The account, as it was at the first call; its figures are those of then. */
  async account({ signal }: CallOptions): Promise<SugarAccount> {
    this.#account ??= await this.#coming.do('account', () => this.freshAccount({}), signal);
    return this.#account;
  }

  /** The account as it is now. */
  async freshAccount(options: CallOptions): Promise<SugarAccount> {
    return accountIn(await this.client.document('user', '/user', options));
  }

  /** A file or folder as it is now, undefined where there is none. */
  async get(ref: string, options: CallOptions): Promise<SugarResource | undefined> {
    try {
      const operation = ref.startsWith('/file/') ? 'file' : 'folder';
      const root = await this.client.document(operation, ref, options);
      if (root.name !== operation) throw strangeAnswer();
      return resourceIn(root, { ref });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** What a folder, or the list of sync folders, holds. Throws `NotFound` for a folder that is gone. */
  async contents({ ref }: Pick<SugarFolder, 'ref'>, options: CallOptions): Promise<SugarResource[]> {
    return await allPages(ref, (query) => this.client.document('contents', `${ref}/contents${query}`, options));
  }

  /** Makes a file without content; nothing shows it before it has one. Answers its ref; undefined where that is not told. */
  async createFile({ name, parent }: SugarPlace, options: CallOptions): Promise<string | undefined> {
    const document = sugarDocument('file', { displayName: name, mediaType: 'application/octet-stream' });
    return await this.#post('file-create', parent, document, options);
  }

  /** Makes a folder; in the list of sync folders a sync folder. */
  async createFolder({ name, parent }: SugarPlace, options: CallOptions): Promise<string | undefined> {
    const document = sugarDocument(isTop(parent) ? 'syncFolder' : 'folder', { displayName: name });
    return await this.#post('folder-create', parent, document, options);
  }

  /** Copies a file at the service. */
  async copyFile(source: string, { name, parent }: SugarPlace, options: CallOptions): Promise<string | undefined> {
    const document = sugarDocument('fileCopy', { displayName: name }, { source: await this.#address(source, options) });
    return await this.#post('file-copy', parent, document, options);
  }

  /** Gives a file or folder another name, another folder, or both. Throws `NotFound` where it is gone. Repeated. */
  async place(
    { ref, kind }: SugarResource,
    { name, parent }: { readonly name?: string; readonly parent?: string },
    options: CallOptions,
  ): Promise<void> {
    const address = parent === undefined ? undefined : await this.#address(parent, options);
    const body = sugarDocument(kind, { displayName: name, parent: address });
    await this.client.retrying(options, async () => {
      const request = { operation: `${kind}-update`, method: 'PUT', path: ref, headers: xmlType, body };
      const { isSure } = await this.client.done(request, options);
      if (isSure) return;
      const now = await this.get(ref, options);
      const isPlaced = (name === undefined || now?.name === name) && (parent === undefined || now?.parent === parent);
      if (!isPlaced) throw untrue();
    });
  }

  /** Deletes a file, or a folder without what is in it. What is gone is deleted already. Repeated. */
  async remove({ ref, kind }: SugarResource, options: CallOptions): Promise<void> {
    await this.client.retrying(options, async () => {
      try {
        const request = { operation: `${kind}-delete`, method: 'DELETE', path: ref };
        const { isSure } = await this.client.done(request, options);
        if (!isSure && (await this.get(ref, options)) !== undefined) throw untrue();
      } catch (error) {
        if (!isStoreError(error, 'NotFound')) throw error;
      }
    });
  }

  /** Sends the content of a file, which becomes its newest version. One attempt. */
  async putData(ref: string, body: Source, options: CallOptions): Promise<void> {
    await this.client.done({ operation: 'data-upload', method: 'PUT', path: `${ref}/data`, body }, options);
  }

  /** Asks for the content of a file, in one attempt; the body is unread. */
  async data(ref: string, range: string | undefined, options: CallOptions): Promise<HttpResponse> {
    const request = { operation: 'data-download', method: 'GET', path: `${ref}/data`, headers: { range } };
    return await this.client.accepted(request, options);
  }

  async #post(
    operation: string,
    { ref }: SugarFolder,
    body: string,
    options: CallOptions,
  ): Promise<string | undefined> {
    const headers = ref.startsWith('/user/') ? { ...xmlType, 'x-sugarsync-api-version': '1.5' } : xmlType;
    const { location } = await this.client.done({ operation, method: 'POST', path: ref, headers, body }, options);
    return location === undefined ? undefined : refOf(location);
  }

  async #address(ref: string, options: CallOptions): Promise<string> {
    return (await this.account(options)).addresses + ref;
  }
}

/** Whether a refusal may mean that something of this name is there already: the service says so with a plain 400. */
export function isRefusal(error: unknown): boolean {
  return faultStatus(error) === 400;
}

function untrue(): StoreError {
  return new StoreError('Unavailable', {
    message: 'SugarSync did not do what it, or something on the way, said it did',
  });
}
