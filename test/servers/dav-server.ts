import { createHash, randomBytes } from 'node:crypto';
import type { RunningServer } from './server-scope.ts';

/** How a WebDAV server asks who the client is; `digest` is with MD5. */
export type DavAuthentication = 'none' | 'basic' | 'digest' | 'digest-sha-256';

/** What a client of a WebDAV server needs. */
export interface DavServer extends RunningServer {
  /** The folder to work in, with a slash at the end. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The directory on this machine that `url` stands for. */
  readonly root: string;
}

/** What the start of a server answers, besides what every server offers. */
export type DavOffer<T extends DavServer = DavServer> = Omit<T, keyof RunningServer>;

/** A user of a server that is being started, in the forms that servers keep. */
export interface DavUser {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  /** A line of a file for Basic. */
  readonly basic: string;
  /** A line of a file for Digest (RFC 7616, section 3.4.2: the hash of user, realm and password). */
  readonly digest: (algorithm: 'md5' | 'sha256') => string;
}

/** Makes up a user with a random password that has signs which a client must not stumble over. */
export function makeDavUser(): DavUser {
  const user = 'tester';
  const realm = 'cloudfusion test';
  const password = `p%40+ß ${randomBytes(9).toString('hex')}`;
  return {
    user,
    password,
    realm,
    basic: `${user}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`,
    digest: (algorithm) => {
      const hash = createHash(algorithm).update(`${user}:${realm}:${password}`).digest('hex');
      return `${user}:${realm}:${hash}\n`;
    },
  };
}
