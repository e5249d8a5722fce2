/** One name and what it leads to after a step; undefined: nothing. */
export interface NameChange {
  readonly directory: number;
  readonly name: string;
  readonly node: number | undefined;
}

/** What happens to names at once: a rename is two changes of one step. */
interface NameStep {
  readonly changes: readonly NameChange[];
  /** Nodes and names that it is about: a later step about one of them cannot be durable without it. */
  readonly subjects: readonly (string | number)[];
  /** Happens on the disk with it. */
  readonly effect?: (() => void) | undefined;
}

/**
 * The names of a disk that loses power. Steps are durable or not one by one, as on no real file system but with the order that any keeps:
 * what happened to a file or under a name happens in order.
 */
export class VolatileNames {
  readonly #names = new Map<number, Map<string, number>>();
  readonly #durable = new Map<number, Map<string, number>>();
  #unsynced: NameStep[] = [];

  of(directory: number): ReadonlyMap<string, number> {
    return this.#names.get(directory) ?? new Map();
  }

  change(changes: readonly NameChange[], nodes: readonly number[]): void {
    apply(this.#names, changes);
    const places = changes.map(({ directory, name }) => `${directory}/${name}`);
    this.#unsynced.push({ changes, subjects: [...places, ...nodes] });
  }

  /** Something else happened to a file that is durable, or not, in order with its names, as in the journal of a file system. */
  note(node: number, effect: () => void): void {
    this.#unsynced.push({ changes: [], subjects: [node], effect });
  }

  /** fsync(2) of a directory: its names are durable. */
  syncDirectory(directory: number): void {
    this.#sync(({ changes }) => changes.some((change) => change.directory === directory));
  }

  /** The names of a file are durable. */
  syncNode(node: number): void {
    this.#sync(({ subjects }) => subjects.includes(node));
  }

  #sync(isWanted: (step: NameStep) => boolean): void {
    const needed = new Set<string | number>();
    const chosen = new Set<NameStep>();
    for (const step of this.#unsynced.toReversed()) {
      if (!isWanted(step) && !step.subjects.some((subject) => needed.has(subject))) continue;
      chosen.add(step);
      for (const subject of step.subjects) needed.add(subject);
    }
    for (const step of this.#unsynced) if (chosen.has(step)) this.#persist(step);
    this.#unsynced = this.#unsynced.filter((step) => !chosen.has(step));
  }

  /** The power went: each step that was not durable is kept where `isKept` says so and what it rests on was kept. */
  cut(isKept: () => boolean): void {
    const lost = new Set<string | number>();
    for (const step of this.#unsynced) {
      if (!step.subjects.some((subject) => lost.has(subject)) && isKept()) this.#persist(step);
      else for (const subject of step.subjects) lost.add(subject);
    }
    this.#unsynced = [];
    this.#names.clear();
    for (const [directory, names] of this.#durable) this.#names.set(directory, new Map(names));
  }

  #persist({ changes, effect }: NameStep): void {
    apply(this.#durable, changes);
    effect?.();
  }
}

function apply(all: Map<number, Map<string, number>>, changes: readonly NameChange[]): void {
  for (const { directory, name, node } of changes) {
    const names = all.get(directory) ?? new Map<string, number>();
    all.set(directory, names);
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}
