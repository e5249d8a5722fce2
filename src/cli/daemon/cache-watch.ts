import type { CacheStatistics, Problem } from '../../cache/cache-report.ts';
import type { LiveCache } from './live-control.ts';
import type { Log } from './log.ts';

const pause = 2000;

/** Logs what happens in a cache until it is ended: failures, problems, going offline and back, and at level debug its figures. */
export class CacheWatch {
  readonly #cache: LiveCache;
  readonly #log: Log;
  readonly #mask: (text: string) => string;
  readonly #timer: NodeJS.Timeout;
  #last: CacheStatistics;
  #known: ReadonlySet<Problem>;

  constructor(cache: LiveCache, log: Log, mask: (text: string) => string) {
    this.#cache = cache;
    this.#log = log;
    this.#mask = mask;
    this.#last = cache.statistics();
    this.#known = new Set();
    this.#timer = setInterval(() => this.look(), pause).unref();
    this.look();
  }

  /** Logs what is new since the last look. */
  look(): void {
    const now = this.#cache.statistics();
    if (now.online !== this.#last.online)
      this.#log.warn(now.online ? 'online again' : 'offline: the service cannot be reached');
    for (const [code, failure] of Object.entries(now.failures)) {
      const before = this.#last.failures[code as keyof CacheStatistics['failures']]?.count ?? 0;
      const path = failure.last.path ?? '';
      if (failure.count > before)
        this.#log.warn(this.#mask(`${code} (${failure.count}) ${path}: ${failure.last.message}`));
    }
    const problems = this.#cache.problems();
    for (const problem of problems)
      if (!this.#known.has(problem)) this.#log.warn(this.#mask(`${problem.kind} ${problem.path}: ${problem.message}`));
    const moved = now.uploadedBytes !== this.#last.uploadedBytes || now.downloadedBytes !== this.#last.downloadedBytes;
    if (moved || now.pendingChanges !== this.#last.pendingChanges)
      this.#log.debug(
        `${now.pendingChanges} changes to send, ${now.uploadedBytes} bytes up, ${now.downloadedBytes} bytes down, ${now.cachedBytes} bytes cached`,
      );
    this.#known = new Set(problems);
    this.#last = now;
  }

  /** Looks once more, then never again. */
  end(): void {
    clearInterval(this.#timer);
    this.look();
  }
}
