import type { CallOptions, Resume, Source } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import type { SmallWrite } from './waiting-write.ts';

/** A large file on its way. */
export interface LargeUpload extends CallOptions {
  readonly client: DropboxClient;
  readonly commit: SmallWrite['commit'];
  readonly source: Source;
  readonly resume?: Resume | undefined;
}
