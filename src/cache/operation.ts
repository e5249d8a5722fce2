/** What the planner must know of a node that differs from the store. `Node` is one. */
export interface Difference {
  readonly id: number;
  readonly kind: 'file' | 'directory';
  /** Where the user has it; null when he removed it. */
  readonly parent: number | null;
  readonly name: string;
  /** Where the store has it; null when it does not. */
  readonly synced: { readonly parent: number; readonly name: string } | null;
  /** Where it may have arrived, the answer lost; null when it is known where the store has it. */
  readonly sent: { readonly parent: number; readonly name: string; readonly version: number } | null;
  readonly contentDirty: boolean;
  /** Mode or extended attributes differ from what the store has; they go with the content where that is sent. */
  readonly metadataDirty: boolean;
  readonly contentVersion: number;
}

/** One call of the store, and what it waits for. */
export interface Operation {
  /** `moveAside` goes to a temporary name at the root; `verify` looks where a node is that was lost sight of, and calls for a new plan. */
  readonly kind: 'makeDirectory' | 'upload' | 'setMetadata' | 'move' | 'moveAside' | 'delete' | 'verify';
  readonly node: number;
  /** The removed file that stands at the target and is replaced; its delete is part of this operation. */
  readonly replaces?: number | undefined;
  /** Operations of this plan that must have succeeded before. */
  readonly after: ReadonlySet<Operation>;
}
