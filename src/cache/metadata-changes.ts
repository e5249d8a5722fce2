import type { Metadata } from '../store/store.ts';

/** What was changed of a file's metadata here and the store does not have. */
export interface MetadataChanges {
  /** The texts that are wanted; null for a name that is to go. */
  readonly names: Readonly<Record<string, string | null>>;
  /** They are all that is wanted: whatever else the store has is to go. */
  readonly whole?: true;
  /** The store cannot keep them: they stay here, and are not sent again before they change. */
  readonly refused: boolean;
}

/** What a store is to have that has `base` now. Throws nothing: whether it fits is another question. */
export function changedMetadata(base: Metadata, changes: MetadataChanges | null): Metadata {
  const texts = Object.entries({ ...(changes?.whole === true ? {} : base), ...changes?.names });
  return Object.fromEntries(texts.filter((text): text is [string, string] => text[1] !== null));
}

/** The changes with one more; null where nothing is left to be changed. */
export function withChange(changes: MetadataChanges | null, name: string, text: string | null): MetadataChanges {
  const { [name]: _before, ...others } = changes?.names ?? {};
  if (changes?.whole !== true) return { names: { ...others, [name]: text }, refused: false };
  return { names: text === null ? others : { ...others, [name]: text }, whole: true, refused: false };
}

/** The changes without those of one name; null where none is left. */
export function withoutChange(changes: MetadataChanges | null, name: string): MetadataChanges | null {
  const { [name]: _before, ...names } = changes?.names ?? {};
  return Object.keys(names).length === 0 ? null : { names, refused: false };
}
