import { ServiceStore } from '../service/service-store.ts';
import type { WebdavStoreOptions } from './webdav-options.ts';
import { WebdavService } from './webdav-service.ts';

/**
 * A directory of a WebDAV server (RFC 4918). Nothing is sent before the first call, which then finds out what kind of server it is;
 * so a store can be opened while there is no network. A wrong address, user or password is thrown by that call.
 *
 * Capabilities are told by the address alone but for `metadata`, which the first call finds out, and `rangedReads`, which ends when the server has sent a
 * whole file instead of a range.
 */
export class WebdavStore extends ServiceStore {
  /** Throws `InvalidPath` for a url that is none. */
  constructor(options: WebdavStoreOptions) {
    super(new WebdavService(options));
  }
}
