import type { CallOptions } from '../../store/store.ts';
import type { HttpClient } from '../http-client.ts';
import type { Authorization } from './authorization-code.ts';

/** What a person is asked for at a login. */
export interface LoginQuestion {
  /** The setting that it answers. */
  readonly key: string;
  /** In words. */
  readonly text: string;
  /** It is not shown while it is typed. */
  readonly secret: boolean;
  /** Spaces around the answer belong to it. @default false */
  readonly exact?: boolean | undefined;
}

/** What a login leaves behind. */
export interface FinishedLogin {
  /** By the keys of the provider's settings, secrets among them: all that it takes to open the store. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whose account it is, for people. */
  readonly account: string | undefined;
  /** When it ends by itself, in milliseconds since the epoch; undefined: it does not, as far as the service tells. */
  readonly expires: number | undefined;
}

/** A person's consent, on its way back. */
export interface Consent {
  readonly begun: Authorization;
  readonly code: string;
}

/** How a person lets CloudFusion into an account of a service. */
export interface ProviderLogin {
  /** The service, as people call it. */
  readonly service: string;
  readonly questions: readonly LoginQuestion[];
  /** The service's page where the person consents; undefined where the answers to the questions are the proof. */
  readonly page:
    | {
        /** The page sends the browser to an address of this computer; otherwise it shows a code. */
        readonly redirects: boolean;
        begin(given: Readonly<Record<string, string>>, redirect: string | undefined): Authorization;
      }
    | undefined;
  /** Exchanges the proof for what is kept. Throws a `StoreError` that says what to do. */
  finish(
    given: Readonly<Record<string, string>>,
    consent: Consent | undefined,
    options: CallOptions & { readonly http: Pick<HttpClient, 'send'> },
  ): Promise<FinishedLogin>;
}
