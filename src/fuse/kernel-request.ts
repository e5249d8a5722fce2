import type { RequestReader } from './decode.ts';
import type { Request } from './file-system.ts';

const twoTo32 = 2 ** 32;

/**
 * Who asks, as a file system sees it. One instance serves request after request while answers come at once; a request that is
 * answered later keeps its instance, and the session takes a new one.
 */
export class KernelRequest implements Request {
  uniqueLow = 0;
  uniqueHigh = 0;
  uid = 0;
  gid = 0;
  pid = 0;
  #controller: AbortController | undefined;

  get unique(): number {
    return this.uniqueLow + this.uniqueHigh * twoTo32;
  }

  /** Made when it is first asked for: few requests wait, and an AbortController costs more than most answers. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Turns to the next request. */
  begin(reader: RequestReader): void {
    this.uniqueLow = reader.uniqueLow;
    this.uniqueHigh = reader.uniqueHigh;
    this.uid = reader.uid;
    this.gid = reader.gid;
    this.pid = reader.pid;
    this.#controller = undefined;
  }

  /** Aborts `signal`, also one that is asked for later. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}
