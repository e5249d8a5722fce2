import type { NodeTree } from '../../cache/node-tree.ts';
import type { CacheStatistics, PendingChange, Problem } from '../../cache/cache-report.ts';
import type { Configuration } from '../../config/configuration.ts';
import { maskOccurrences, maskSecrets, secretsOf } from '../../config/mask-secrets.ts';
import type { MountControl } from '../../vfs/mount-control.ts';
import type { PassthroughState } from '../../vfs/passthrough.ts';
import { errorsText, notUploadedText, statisticsText } from '../../config/report-texts.ts';

/** What a mount needs of an open store. */
export interface LiveStore {
  readonly cache: LiveCache;
  /** Commits and closes everything. */
  close(): Promise<void>;
}

/** What a mount needs of a cache. */
export interface LiveCache {
  readonly tree: NodeTree;
  statistics(): CacheStatistics;
  pending(): PendingChange[];
  problems(): readonly Problem[];
}

/** Options of `LiveControl`. */
export interface LiveControlOptions<S extends LiveStore> {
  /** Shown while nothing is configured. */
  readonly example: string;
  /** Checks a text; the configuration in force lends its masked secrets. */
  readonly parse: (text: string, inForce: Configuration | undefined) => Configuration;
  /** Opens the store, or finds out whether it could be opened without its cache. */
  readonly open: (configuration: Configuration) => Promise<S>;
  readonly check: (configuration: Configuration) => Promise<void>;
  /** Shows this tree in the mount, or none. */
  readonly attach: (tree: NodeTree | undefined, configuration?: Configuration) => void;
  /** How the mount reads and writes contents; undefined while nobody knows. */
  readonly passthrough: () => PassthroughState | undefined;
  /** Called when a configuration comes into force. */
  readonly onConfigured?: ((configuration: Configuration, store: S) => void) | undefined;
  readonly onStop: () => void;
  /** Told, without secrets, of what is nobody's fault who waits. */
  readonly onError: (message: string) => void;
}

interface InForce<S> {
  readonly text: string;
  readonly configuration: Configuration;
  readonly store: S;
}

/**
 * The configuration of a running mount. A new one is opened before the old one goes, so a mistake changes nothing. Only where
 * both use the same cache, which has one owner at a time, the old one is closed in between; it is opened again should the
 * new one then fail. Two configurations that come at once are put in force one after the other.
 */
export class LiveControl<S extends LiveStore> implements MountControl {
  readonly #options: LiveControlOptions<S>;
  #inForce: InForce<S> | undefined;
  #refused: { at: number; message: string } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: LiveControlOptions<S>) {
    this.#options = options;
  }

  /** The open store, undefined while nothing is configured. */
  get store(): S | undefined {
    return this.#inForce?.store;
  }

  /** Undefined while nothing is configured. */
  get configurationInForce(): Configuration | undefined {
    return this.#inForce?.configuration;
  }

  /** Why the last configuration was refused, without secrets. */
  get refused(): string | undefined {
    return this.#refused?.message;
  }

  configuration(): string {
    return this.#inForce === undefined ? this.#options.example : maskSecrets(this.#inForce.text);
  }

  async configure(text: string): Promise<void> {
    const secrets: string[] = [];
    try {
      await this.#inTurn(() => this.#replace(text, secrets));
      this.#refused = undefined;
    } catch (error) {
      const message = maskOccurrences(error instanceof Error ? error.message : String(error), secrets);
      this.#refused = { at: Date.now(), message };
      this.#options.onError(`the configuration was refused: ${message}`);
      throw masked(error, message);
    }
  }

  stop(): void {
    this.#options.onStop();
  }

  /** Closes the store, after what is being configured. Nothing can be configured afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inTurn(async () => {
      const last = this.#detach();
      await last?.store.close();
    });
  }

  statistics(): string {
    return statisticsText(this.#inForce?.store.cache.statistics(), this.#options.passthrough());
  }

  errors(): string {
    const cache = this.#inForce?.store.cache;
    const secrets = this.#inForce === undefined ? [] : secretsOf(this.#inForce.configuration);
    const failures = cache?.statistics().failures;
    const text = errorsText({ refused: this.#refused, failures, problems: cache?.problems() }, Date.now());
    return maskOccurrences(text, secrets);
  }

  notUploaded(): string {
    return notUploadedText(this.#inForce?.store.cache.pending() ?? []);
  }

  async #replace(text: string, secrets: string[]): Promise<void> {
    if (this.#closed) throw new Error('the mount is being stopped');
    const old = this.#inForce;
    const configuration = this.#options.parse(text, old?.configuration);
    secrets.push(...secretsOf(configuration));
    if (old?.configuration.cacheDirectory === configuration.cacheDirectory) {
      await this.#options.check(configuration);
      await this.#reopen(old, { text, configuration });
    } else {
      this.#attach({ text, configuration, store: await this.#options.open(configuration) });
      if (old !== undefined) await this.#closeOld(old);
    }
  }

  async #reopen(old: InForce<S>, next: Omit<InForce<S>, 'store'>): Promise<void> {
    this.#detach();
    await old.store.close();
    try {
      this.#attach({ ...next, store: await this.#options.open(next.configuration) });
    } catch (error) {
      await this.#restore(old, error);
      throw error;
    }
  }

  /** Throws when that fails too: then nothing is configured, and the message says both. */
  async #restore(old: InForce<S>, because: unknown): Promise<void> {
    try {
      this.#attach({ ...old, store: await this.#options.open(old.configuration) });
    } catch (error) {
      const why = messageOf(error, old.configuration);
      throw new Error(
        `${messageOf(because, old.configuration)}; nothing is configured now, for the former configuration failed too: ${why}`,
        { cause: error },
      );
    }
  }

  async #closeOld(old: InForce<S>): Promise<void> {
    try {
      await old.store.close();
    } catch (error) {
      this.#options.onError(
        `closing the former store failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #attach(next: InForce<S>): void {
    this.#inForce = next;
    this.#options.attach(next.store.cache.tree, next.configuration);
    this.#options.onConfigured?.(next.configuration, next.store);
  }

  #detach(): InForce<S> | undefined {
    const last = this.#inForce;
    this.#inForce = undefined;
    this.#options.attach(undefined);
    return last;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function messageOf(error: unknown, configuration: Configuration): string {
  return maskOccurrences(error instanceof Error ? error.message : String(error), secretsOf(configuration));
}

/** The error, or one of the same name where its message had to be masked. */
function masked(error: unknown, message: string): Error {
  if (error instanceof Error && error.message === message) return error;
  const copy = new Error(message);
  if (error instanceof Error) copy.name = error.name;
  return copy;
}
