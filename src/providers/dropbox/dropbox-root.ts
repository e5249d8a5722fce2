import { SharedWork } from '../../http/shared-work.ts';
import { isRecord } from '../../http/told-values.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DropboxMetadata } from './dropbox-metadata.ts';
import { headerJson } from './header-json.ts';

/** Asks Dropbox. */
interface Asking {
  rpc(operation: string, parameters: object | null, options: CallOptions): Promise<DropboxMetadata>;
}

/**
 * Where the paths of an account begin. Members of some teams have a folder of their own inside the team's space; what they see as
 * their Dropbox is the space (https://www.dropbox.com/developers/reference/path-root-header-modes).
 */
export class DropboxRoot {
  readonly #client: Asking;
  readonly #coming: SharedWork<{ readonly header: string | undefined }> = new SharedWork();
  #known: { readonly header: string | undefined } | undefined;

  constructor(client: Asking) {
    this.#client = client;
  }

  /** The value of `Dropbox-API-Path-Root`; undefined where none is needed. Asked once. */
  async header({ signal }: CallOptions): Promise<string | undefined> {
    this.#known ??= await this.#coming.do('root', () => this.#ask(), signal);
    return this.#known.header;
  }

  /** The account's space is another one now. */
  forget(): void {
    this.#known = undefined;
  }

  async #ask(): Promise<{ readonly header: string | undefined }> {
    const { root_info: root } = await this.#client.rpc('users/get_current_account', null, {});
    const { root_namespace_id: space, home_namespace_id: home } = isRecord(root) ? root : {};
    const isElsewhere = typeof space === 'string' && space !== home;
    return { header: isElsewhere ? headerJson({ '.tag': 'root', root: space }) : undefined };
  }
}
