import type { Configuration } from '../../config/configuration.ts';
import { maskOccurrences, secretsOf } from '../../config/mask-secrets.ts';

/** Takes the secrets of the configuration that is in force out of what people are told. */
export class Masking {
  readonly #configuration: () => Configuration | undefined;

  constructor(configuration: () => Configuration | undefined) {
    this.#configuration = configuration;
  }

  /** What an error says. */
  text(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return maskOccurrences(text, this.#secrets());
  }

  /** Plain data, with every text in it masked. */
  report<T>(report: T): T {
    const secrets = this.#secrets();
    const mask = (_: string, value: unknown): unknown =>
      typeof value === 'string' ? maskOccurrences(value, secrets) : value;
    return JSON.parse(JSON.stringify(report), mask) as T;
  }

  #secrets(): ReturnType<typeof secretsOf> {
    const configuration = this.#configuration();
    return configuration === undefined ? [] : secretsOf(configuration);
  }
}
