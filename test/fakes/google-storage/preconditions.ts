import { invalid, notModified, preconditionFailed } from './google-fault.ts';
import type { StoredFile } from './stored-file.ts';

/** What must hold of a file before something is done (https://docs.cloud.google.com/storage/docs/request-preconditions). */
export interface Preconditions {
  readonly generationMatch?: string | undefined;
  readonly generationNotMatch?: string | undefined;
  readonly metagenerationMatch?: string | undefined;
  readonly metagenerationNotMatch?: string | undefined;
}

/** The names of the query parameters; `Source` stands in those about the source of a copy. */
export function preconditionParameters(of: '' | 'Source' = ''): string[] {
  return ['Generation', 'Metageneration'].flatMap((what) => [`if${of}${what}Match`, `if${of}${what}NotMatch`]);
}

/** The preconditions among the query parameters. Throws for what is no number. */
export function preconditionsOf(query: URLSearchParams, of: '' | 'Source' = ''): Preconditions {
  const number = (name: string): string | undefined => {
    const value = query.get(`if${of}${name}`);
    if (value === null) return undefined;
    if (!/^-?\d{1,19}$/.test(value)) throw invalid(`Invalid value for: Invalid format: "${value}"`, `if${of}${name}`);
    return value;
  };
  return {
    generationMatch: number('GenerationMatch'),
    generationNotMatch: number('GenerationNotMatch'),
    metagenerationMatch: number('MetagenerationMatch'),
    metagenerationNotMatch: number('MetagenerationNotMatch'),
  };
}

/** Throws 412 (or, when reading, 304) unless the preconditions hold; a file that does not exist has generation 0. */
export function assertPreconditions(
  file: StoredFile | undefined,
  conditions: Preconditions,
  isReading: boolean = false,
): void {
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions;
  const generation = file?.generation ?? '0';
  if (generationMatch !== undefined && generationMatch !== generation) throw preconditionFailed();
  if (metagenerationMatch !== undefined && metagenerationMatch !== file?.metageneration) throw preconditionFailed();
  const isUnchanged =
    (generationNotMatch !== undefined && generationNotMatch === generation) ||
    (metagenerationNotMatch !== undefined && metagenerationNotMatch === file?.metageneration);
  if (isUnchanged) throw isReading ? notModified() : preconditionFailed();
}
