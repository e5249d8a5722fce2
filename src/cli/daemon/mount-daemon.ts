import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { configurableProviders } from '../../config/configurable-providers.ts';
import { defaultCacheRoot } from '../../config/cache-directory.ts';
import type { Configuration } from '../../config/configuration.ts';
import { exampleText } from '../../config/example-text.ts';
import { maskOccurrences, secretsOf } from '../../config/mask-secrets.ts';
import { checkStore, type OpenedStore, openStore } from '../../config/open-store.ts';
import { parseConfiguration } from '../../config/parse-configuration.ts';
import { type Mounted, mountFileSystem } from '../../fuse/mount.ts';
import { MountError } from '../../fuse/mount-error.ts';
import { CloudFileSystem } from '../../vfs/cloud-file-system.ts';
import { socketPathsOf } from '../runtime-directory.ts';
import { version } from '../package-version.ts';
import { CacheWatch } from './cache-watch.ts';
import type { DaemonOptions } from './daemon-options.ts';
import {
  longestPendingList,
  type Remainder,
  type StatusReport,
  type StopMessage,
  type SyncMessage,
} from './control-protocol.ts';
import { type Controlled, type ControlServer, serveControl } from './control-server.ts';
import { LiveControl } from './live-control.ts';
import { Log } from './log.ts';
import { Masking } from './masking.ts';
import { startProfile } from './profile.ts';
import { obey, type QueueAnswer, type QueueOrder } from './queue-order.ts';
import { type QueueReport, queueReport } from './queue-report.ts';
import { readyMountPoint } from './ready-mount-point.ts';
import { unmountGently } from './unmount-gently.ts';

/** Milliseconds before the end of a login from which on every mount says so. */
const warningTime = 5 * 86_400_000;
/** Milliseconds for which programs may go on with files of a mount that is being stopped. */
const grace = 5000;

/**
 * A mount and everything behind it, in this process: store, cache, file system, and the socket for commands. It ends when it
 * is stopped by a command, by deleting `config/config`, by `stop`, or by unmounting; what was acknowledged is committed by then.
 */
export class MountDaemon implements Controlled {
  readonly mountPoint: string;
  readonly control: LiveControl<OpenedStore>;
  /** When the mount is gone and everything is closed: what is left to send. Rejects when that failed. */
  readonly finished: Promise<Remainder>;
  readonly #settle: { resolve: (remainder: Remainder) => void; reject: (error: unknown) => void };
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #fileSystem: CloudFileSystem;
  readonly #masking: Masking;
  readonly #since = Date.now();
  #watch: CacheWatch | undefined;
  #endProfile: ((directory: string) => Promise<string>) | undefined;
  #mounted: Mounted | undefined;
  #gone = false;
  #server: ControlServer | undefined;
  #ending: Promise<Remainder> | undefined;

  private constructor(mountPoint: string, options: DaemonOptions) {
    this.mountPoint = mountPoint;
    this.#options = options;
    this.#log = new Log(options.log, options.writeLog);
    const { promise, ...settle } = Promise.withResolvers<Remainder>();
    this.finished = promise;
    this.#settle = settle;
    // Whoever waits hears of it; a failure before anybody does is told by `start`.
    promise.catch(() => undefined);
    this.control = new LiveControl({
      example: exampleText(),
      parse: (text, inForce) =>
        parseConfiguration(text, { providers: configurableProviders, baseDirectory: options.baseDirectory, inForce }),
      open: (configuration) => openStore(configuration, { mountPoint }),
      check: (configuration) => checkStore(configuration, { mountPoint }),
      attach: (tree, configuration) => this.#fileSystem.attach(tree, { passthrough: configuration?.passthrough }),
      passthrough: () => this.#fileSystem.passthrough,
      onConfigured: (configuration, store) => this.#configured(configuration, store),
      onStop: () => void this.#endUnasked(),
      onError: (message) => this.#log.error(message),
    });
    this.#masking = new Masking(() => this.control.configurationInForce);
    const onError = (error: unknown): void => this.#log.error(this.#masking.text(error));
    this.#fileSystem = new CloudFileSystem({ control: this.control, onError });
  }

  /** Mounts; resolves when programs can use it. Throws `ConfigurationError`, `StoreError`, `MountError`, `DirectoryInUseError`. */
  static async start(options: DaemonOptions): Promise<MountDaemon> {
    const { path, made } = await readyMountPoint(options.mountPoint, options.notice);
    const daemon = new MountDaemon(path, options);
    try {
      await daemon.#start();
      return daemon;
    } catch (error) {
      await daemon.#abandon();
      if (made) await rmdir(path).catch(() => undefined);
      throw error;
    }
  }

  async status(): Promise<StatusReport> {
    const { mountPoint, control } = this;
    const { cache, requests } = control.store ?? {};
    const configuration = control.configurationInForce;
    const common = { pid: process.pid, version: version(), mountPoint, since: this.#since, refused: control.refused };
    if (cache === undefined || requests === undefined || configuration === undefined) return common;
    const { store: name, cacheDirectory } = configuration;
    const pending = cache.pending().slice(0, longestPendingList);
    const [statistics, problems] = [cache.statistics(), cache.problems()];
    const { passthrough } = this.#fileSystem;
    const report = { name, cacheDirectory, passthrough, statistics, pending, problems, requests: await requests() };
    return { ...common, store: this.#masking.report(report) };
  }

  async queue(): Promise<QueueReport | undefined> {
    const cache = this.control.store?.cache;
    if (cache === undefined) return undefined;
    return this.#masking.report(queueReport(this.mountPoint, cache.pending(), cache.statistics(), Date.now()));
  }

  async order(order: QueueOrder): Promise<QueueAnswer> {
    const cache = this.control.store?.cache;
    if (cache === undefined) return { kind: 'refused', message: 'the mount is not configured' };
    try {
      return obey(cache.uploads, order, Date.now());
    } catch (error) {
      return { kind: 'refused', message: this.#masking.text(error) };
    }
  }

  async sync(report: (message: SyncMessage) => void, signal: AbortSignal): Promise<void> {
    const cache = this.control.store?.cache;
    if (cache === undefined) return report({ kind: 'failed', message: 'the mount is not configured', changes: [] });
    try {
      await cache.drain({ signal, onProgress: (progress) => report({ kind: 'progress', ...progress }) });
      report({ kind: 'done' });
    } catch (error) {
      if (signal.aborted) return;
      const failed = cache.pending().filter((change) => change.error !== undefined);
      const changes = this.#masking.report(failed.slice(0, longestPendingList));
      report({ kind: 'failed', message: this.#masking.text(error), changes });
    }
  }

  async stop(report: (message: StopMessage) => void, { force }: { readonly force: boolean }): Promise<void> {
    report({ kind: 'stopping' });
    try {
      report({ kind: 'stopped', ...(await this.end({ force })) });
    } catch (error) {
      const isInUse = error instanceof MountError && error.code === 'Busy';
      report({ kind: isInUse ? 'inUse' : 'failed', message: this.#masking.text(error) });
    }
  }

  /**
   * Commits, unmounts and closes everything; a second call waits for the first. What is not sent stays in the cache. With `force`
   * programs that use the mount have some seconds to finish, and then lose it. Throws `MountError` when unmounting fails, without
   * `force` also Busy; then everything goes on, and it can be tried again.
   */
  end({ force = true }: { readonly force?: boolean } = {}): Promise<Remainder> {
    this.#ending ??= this.#end(force);
    return this.#ending;
  }

  /** Logs an error that nobody expected; what it said, without secrets. */
  logUnexpected(error: unknown): string {
    const text = this.#masking.text(error instanceof Error && error.stack !== undefined ? error.stack : error);
    this.#log.error(`unexpected: ${text}`);
    return text;
  }

  async #start(): Promise<void> {
    const { text, allowOther, profile, readOnly, source = 'cloudfusion' } = this.#options;
    if (profile === true) this.#endProfile = await startProfile();
    if (text !== undefined) await this.control.configure(text);
    this.#mounted = await mountFileSystem(this.#fileSystem, {
      mountPoint: this.mountPoint,
      source,
      readOnly,
      allowOther: allowOther ?? this.control.configurationInForce?.allowOther,
      onError: (error) => this.#log.error(this.#masking.text(error)),
    });
    this.#server = await serveControl(this, socketPathsOf(this.mountPoint));
    void this.#endWith(this.#mounted);
    this.#log.info(`mounted on ${this.mountPoint} by process ${process.pid}, version ${version()}`);
  }

  async #end(force: boolean): Promise<Remainder> {
    this.#log.info('stopping');
    let forced: boolean;
    try {
      forced = await this.#unmount(force);
    } catch (error) {
      this.#ending = undefined;
      throw error;
    }
    const ended = this.#close(forced);
    void this.#finish(ended);
    return ended;
  }

  /** True when programs lost what they had open. */
  async #unmount(force: boolean): Promise<boolean> {
    // Somebody else may have mounted there since ours went away.
    if (this.#mounted === undefined || this.#gone) return false;
    if (force) return unmountGently(this.#mounted, grace);
    await this.#mounted.unmount();
    return false;
  }

  async #close(forced: boolean): Promise<Remainder> {
    // Releases what is open, which commits it, so that it is counted.
    this.#fileSystem.attach(undefined);
    const statistics = this.control.store?.cache.statistics();
    this.#watch?.end();
    const configuration = this.control.configurationInForce;
    await this.control.close();
    await this.#writeProfile(configuration);
    const { pendingChanges: changes = 0, dirtyFiles: files = 0, dirtyBytes: bytes = 0 } = statistics ?? {};
    this.#log.info(`stopped; ${changes} changes (${bytes} bytes) are not sent yet`);
    return { changes, files, bytes, forced };
  }

  async #finish(ended: Promise<Remainder>): Promise<void> {
    await Promise.allSettled([ended]);
    // The answer to the command that stops goes out before the socket does.
    await nextTurn();
    try {
      await this.#server?.close();
      this.#settle.resolve(await ended);
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  async #abandon(): Promise<void> {
    await this.#server?.close();
    await this.#mounted?.unmount({ force: true });
    this.#watch?.end();
    await this.control.close();
  }

  /** Ends without anybody who waits for the outcome. */
  async #endUnasked(): Promise<void> {
    try {
      await this.end();
    } catch (error) {
      this.#log.error(`stopping failed: ${this.#masking.text(error)}`);
    }
  }

  /** Whoever unmounts ends the mount too. */
  async #endWith(mounted: Mounted): Promise<void> {
    try {
      await mounted.finished;
    } catch (error) {
      this.#log.error(`the mount failed: ${this.#masking.text(error)}`);
    }
    this.#gone = true;
    await this.#endUnasked();
  }

  #warnOfEnd(expires: number | undefined): void {
    if (expires === undefined || expires - Date.now() > warningTime) return;
    const day = new Date(expires).toISOString().slice(0, 10);
    const text = `the login ends on ${day}: run "cloudfusion login" again before`;
    this.#options.notice(text);
    this.#log.error(text);
  }

  #configured(configuration: Configuration, store: OpenedStore): void {
    const level = this.#options.log ?? configuration.log;
    this.#log.open(level, join(configuration.cacheDirectory, 'cloudfusion.log'));
    this.#log.info(`configured: ${configuration.store}, cache ${configuration.cacheDirectory}`);
    this.#warnOfEnd(configuration.loginExpires);
    this.#watch?.end();
    this.#watch = undefined;
    if (level !== undefined)
      this.#watch = new CacheWatch(store.cache, this.#log, (text) => maskOccurrences(text, secretsOf(configuration)));
    if (configuration.profile && this.#endProfile === undefined)
      startProfile().then(
        (end) => (this.#endProfile = end),
        (error: unknown) => this.#log.error(`there will be no profile: ${this.#masking.text(error)}`),
      );
  }

  async #writeProfile(configuration: Configuration | undefined): Promise<void> {
    if (this.#endProfile === undefined) return;
    const directory = configuration?.cacheDirectory ?? defaultCacheRoot(process.env);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = await this.#endProfile(directory);
      this.#log.info(`profile: ${file}`);
      this.#options.notice(`profile: ${file}`);
    } catch (error) {
      this.#log.error(`the profile could not be written: ${this.#masking.text(error)}`);
    }
  }
}
