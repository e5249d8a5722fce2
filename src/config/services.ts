import { suggestionFor } from './closest-word.ts';
import { ConfigurationError } from './configuration-error.ts';

/** What the configuration must know of a provider: its name and what else people call it. */
export interface Named {
  readonly name: string;
  readonly synonyms?: readonly string[] | undefined;
}

/** Services that a configuration may name, whether or not this version has a provider for them. */
const knownServices: readonly Named[] = [
  { name: 'dropbox' },
  { name: 'sugarsync' },
  { name: 'amazon s3', synonyms: ['s3', 'amazon'] },
  { name: 'google storage', synonyms: ['gs', 'gcs', 'google cloud storage', 'google'] },
  { name: 'google drive', synonyms: ['gdrive', 'drive'] },
  { name: 'webdav', synonyms: ['dav'] },
  { name: 'local', synonyms: ['hdd', 'disk'] },
];

/**
 * The provider that the `name` of a store means; case, spaces, `-` and `_` do not matter. Throws `ConfigurationError` for a
 * service that has no provider in this version, and for a word that is no service, with the nearest one.
 */
export function providerCalled<P extends Named>(word: string, line: number | undefined, providers: readonly P[]): P {
  const wanted = plain(word);
  const meant = (service: Named) => wordsFor(service).some((name) => plain(name) === wanted);
  const known = knownServices.find(meant);
  const provider = providers.find(
    (provider) =>
      meant(provider) || (known !== undefined && wordsFor(known).some((name) => sameService(provider, name))),
  );
  if (provider !== undefined) return provider;
  if (known !== undefined)
    throw new ConfigurationError(`the store "${known.name}" is not available in this version`, line);
  const words = [...providers, ...knownServices].flatMap(wordsFor);
  throw new ConfigurationError(`there is no store called "${word}"${suggestionFor(word, words)}`, line);
}

function sameService(provider: Named, name: string): boolean {
  return wordsFor(provider).some((word) => plain(word) === plain(name));
}

function wordsFor(service: Named): readonly string[] {
  return [service.name, ...(service.synonyms ?? [])];
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[\s_-]+/g, '');
}
