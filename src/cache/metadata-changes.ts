/** What was changed of a file's metadata here and the store does not have. */
export interface MetadataChanges {
  /** The texts that are wanted; null for a name that is to go. */
  readonly names: Readonly<Record<string, string | null>>;
  /** The store cannot keep them: they stay here, and are not sent again before they change. */
  readonly refused: boolean;
}
