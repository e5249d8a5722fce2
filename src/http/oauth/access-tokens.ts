import type { CallOptions } from '../../store/store.ts';
import { SharedWork } from '../shared-work.ts';

/** An access token, and when it ends. */
export interface GrantedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Where access tokens come from. Throws `Unauthenticated` with what to do when none is to be had any more. */
export type TokenGrant = (options: CallOptions) => Promise<GrantedToken>;

/** A token is renewed this long before it ends, so that no request comes too late with it. */
const margin = 60_000;

/** The current access token. However many calls wait for a new one, it is asked for once. */
export class AccessTokens {
  readonly #grant: TokenGrant;
  #current: GrantedToken | undefined;
  readonly #coming: SharedWork<GrantedToken> = new SharedWork();

  constructor(grant: TokenGrant) {
    this.#grant = grant;
  }

  /** A token that is good for a while. Aborting ends the waiting, not the request: others may wait for it too. */
  async token({ signal }: CallOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    const current = this.#current;
    if (current !== undefined && current.expires - margin > Date.now()) return current.token;
    return (await this.#coming.do('token', () => this.#renew(), signal)).token;
  }

  /** The service does not accept this token (any more): the next call asks for another one. */
  refused(token: string): void {
    if (this.#current?.token === token) this.#current = undefined;
  }

  async #renew(): Promise<GrantedToken> {
    this.#current = await this.#grant({});
    return this.#current;
  }
}
