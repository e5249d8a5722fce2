import { Errno } from '../fuse/errno.ts';
import { ConfigurationFile } from './configuration-file.ts';
import type { ControlFile } from './control-file.ts';
import type { MountControl } from './mount-control.ts';
import { ReportFile } from './report-file.ts';
import { ScratchFile } from './scratch-file.ts';

/** The numbers of the nodes that are always there. All are below those of a `NodeTree`. */
export const controlNumbers = {
  root: 1,
  /** `data` while there is no store. */
  emptyData: 2,
  configDirectory: 3,
  configuration: 4,
  statsDirectory: 5,
  statistics: 6,
  errors: 7,
  notUploaded: 8,
} as const;

/** Scratch files are numbered from here, and no number is used twice, so the kernel's memory of one is never another's. */
export const firstScratchNumber: number = 2 ** 52;

const mostScratchFiles = 64;

/** A directory of the mount that is not in the store. */
export interface ControlDirectory {
  readonly ino: number;
  readonly parent: number;
  readonly permissions: number;
}

/** A name in a control directory. */
export interface ControlName {
  readonly name: string;
  readonly ino: number;
  readonly directory: boolean;
}

const { root, emptyData, configDirectory, statsDirectory } = controlNumbers;

const directories: ReadonlyMap<number, ControlDirectory> = new Map(
  [
    { ino: root, parent: root, permissions: 0o755 },
    { ino: emptyData, parent: root, permissions: 0o555 },
    { ino: configDirectory, parent: root, permissions: 0o700 },
    { ino: statsDirectory, parent: root, permissions: 0o500 },
  ].map((directory) => [directory.ino, directory]),
);

/** The virtual nodes of a mount, their names, and the scratch files that come and go in `config`. */
export class ControlNodes {
  readonly configuration: ConfigurationFile;
  readonly #reports: ReadonlyMap<string, ReportFile>;
  readonly #scratch = new Map<string, ScratchFile>();
  #nextScratch = firstScratchNumber;

  constructor(control: MountControl) {
    this.configuration = new ConfigurationFile(controlNumbers.configuration, control);
    this.#reports = new Map([
      ['stats', new ReportFile(controlNumbers.statistics, () => control.statistics())],
      ['errors', new ReportFile(controlNumbers.errors, () => control.errors())],
      ['notuploaded', new ReportFile(controlNumbers.notUploaded, () => control.notUploaded())],
    ]);
  }

  directory(ino: number): ControlDirectory | undefined {
    return directories.get(ino);
  }

  /** The file of this number that has a name. */
  file(ino: number): ControlFile | undefined {
    if (ino === this.configuration.ino) return this.configuration;
    return [...this.#reports.values(), ...this.#scratch.values()].find((file) => file.ino === ino);
  }

  /** What is in a directory; `data` stands for the number of the store's root, or of the empty directory in its place. */
  names(directory: number, data: number): ControlName[] {
    if (directory === root)
      return [
        { name: 'data', ino: data, directory: true },
        { name: 'config', ino: configDirectory, directory: true },
        { name: 'stats', ino: statsDirectory, directory: true },
      ];
    return [...this.#filesOf(directory)].map(([name, { ino }]) => ({ name, ino, directory: false }));
  }

  scratch(name: string): ScratchFile | undefined {
    return this.#scratch.get(name);
  }

  /** Throws ENOSPC when there are too many. */
  addScratch(name: string, text = ''): ScratchFile {
    if (this.#scratch.size >= mostScratchFiles) throw Errno.of('ENOSPC');
    const file = new ScratchFile(this.#nextScratch, text);
    this.#nextScratch += 1;
    this.#scratch.set(name, file);
    return file;
  }

  removeScratch(name: string): boolean {
    return this.#scratch.delete(name);
  }

  /** Gives a scratch file another name, over one that may be there. */
  renameScratch(name: string, newName: string): void {
    const file = this.#scratch.get(name);
    if (file === undefined) throw Errno.of('ENOENT');
    this.#scratch.delete(name);
    this.#scratch.set(newName, file);
  }

  #filesOf(directory: number): Iterable<[string, ControlFile]> {
    if (directory === statsDirectory) return this.#reports;
    if (directory === configDirectory) return [['config', this.configuration], ...this.#scratch];
    return [];
  }
}
