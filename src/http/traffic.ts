import type { Throttle } from './throttle.ts';

/** What one kind of request cost so far. */
export interface RequestFigures {
  /** Requests that were sent, repetitions included. */
  readonly requests: number;
  /** Of them, those that ended without an answer or with a status of 400 and more. */
  readonly failures: number;
  /** Bytes of bodies as they went over the wire, those of requests that failed too. */
  readonly sent: number;
  readonly received: number;
}

/** How fast bodies may go over the wire, all requests together; undefined: as fast as the line is. */
export interface Bandwidth {
  readonly upload?: Throttle | undefined;
  readonly download?: Throttle | undefined;
}

/**
 * Counts requests and bytes by the service's own names of its calls (`PutObject`), and knows how fast they may go. One for each mount, read by
 * `status`.
 */
export class Traffic {
  readonly bandwidth: Bandwidth;
  readonly #figures = new Map<string, { requests: number; failures: number; sent: number; received: number }>();

  constructor(bandwidth: Bandwidth = {}) {
    this.bandwidth = bandwidth;
  }

  /** A request begins. */
  request(operation: string): void {
    this.#of(operation).requests++;
  }

  failure(operation: string): void {
    this.#of(operation).failures++;
  }

  sent(operation: string, bytes: number): void {
    this.#of(operation).sent += bytes;
  }

  received(operation: string, bytes: number): void {
    this.#of(operation).received += bytes;
  }

  /** A copy, the most frequent operation first. */
  figures(): Readonly<Record<string, RequestFigures>> {
    const sorted = [...this.#figures].sort(([, a], [, b]) => b.requests - a.requests);
    return Object.fromEntries(sorted.map(([operation, figures]) => [operation, { ...figures }]));
  }

  #of(operation: string): { requests: number; failures: number; sent: number; received: number } {
    let figures = this.#figures.get(operation);
    if (figures === undefined)
      this.#figures.set(operation, (figures = { requests: 0, failures: 0, sent: 0, received: 0 }));
    return figures;
  }
}
