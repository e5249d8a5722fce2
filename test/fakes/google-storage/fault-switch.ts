import type { FakeRequest } from './fake-request.ts';

/** What a fault is chosen by, known before the body has come. */
export type FaultTarget = Pick<FakeRequest, 'method' | 'rawPath' | 'query' | 'headers'>;

/** Something that goes wrong on purpose. */
export interface InjectedFault {
  /** Which requests it hits. @default all */
  readonly when?: ((request: FaultTarget) => boolean) | undefined;
  /** How often. @default 1 */
  readonly times?: number | undefined;
  /** The request is not done, and answered so. */
  readonly answer?: { readonly status: number; readonly retryAfter?: number | undefined } | undefined;
  /** The request is done, but the connection breaks before the answer. */
  readonly loseAnswer?: boolean | undefined;
  /** The connection breaks when this many bytes of the request's body have come. */
  readonly breakUploadAfter?: number | undefined;
  /** The connection breaks when this many bytes of the answer's body have gone. */
  readonly breakDownloadAfter?: number | undefined;
  /** One byte of the answer's body is another one. */
  readonly corruptDownload?: boolean | undefined;
  /** Of a chunk of a resumable upload only this many bytes are kept (a multiple of 256 KiB). */
  readonly persistOnly?: number | undefined;
}

/** The faults that are still to happen, in the order in which they were added. */
export class FaultSwitch {
  readonly #pending: { readonly fault: InjectedFault; left: number }[] = [];

  add(fault: InjectedFault): void {
    this.#pending.push({ fault, left: fault.times ?? 1 });
  }

  /** The first fault that hits this request; it has then happened once more. */
  take(request: FaultTarget): InjectedFault | undefined {
    const pending = this.#pending.find(({ fault, left }) => left > 0 && (fault.when?.(request) ?? true));
    if (pending === undefined) return undefined;
    pending.left--;
    return pending.fault;
  }

  /** Faults that have not happened as often as was asked. */
  get left(): number {
    return this.#pending.reduce((sum, { left }) => sum + left, 0);
  }
}
