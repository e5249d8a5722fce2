import type { Store, Usage } from '../store/store.ts';
import type { Answer } from './node-tree.ts';

/** What the store tells of its account, asked for anew when it is older than listings are believed. */
export class AccountFigures {
  readonly #store: Store;
  readonly #metadataTime: number;
  #known: { readonly usage: Usage; readonly at: number } | undefined;
  #asking: Promise<Usage> | undefined;

  constructor(store: Store, metadataTime: number) {
    this.#store = store;
    this.#metadataTime = metadataTime;
  }

  /** At once where any figures are known, however old; later ones are asked for meanwhile. Never fails. */
  usage(): Answer<Usage> {
    const known = this.#known;
    if (known !== undefined && Date.now() - known.at < this.#metadataTime) return known.usage;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return known?.usage ?? this.#asking;
  }

  /** Figures are a comfort: where the store cannot tell them now, the last ones (or none) are the answer. */
  async #ask(): Promise<Usage> {
    let usage: Usage;
    try {
      usage = await this.#store.usage();
    } catch {
      usage = this.#known?.usage ?? {};
    }
    this.#known = { usage, at: Date.now() };
    return usage;
  }
}
