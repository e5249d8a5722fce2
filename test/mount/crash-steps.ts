/** One change of a file that the crash test makes. */
export type CrashStep =
  | { readonly kind: 'write' | 'replace'; readonly name: string; readonly version: number; readonly size: number }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string };

/** The files that are changed; few, so that versions follow each other while older ones are being uploaded. */
export const crashNames: readonly string[] = Array.from({ length: 24 }, (_, i) => `file-${i}`);

/** The bytes of a version of a file, which no other version shares. */
export function contentOf(version: number, size: number): Buffer {
  return Buffer.alloc(size, `${version} `);
}

/** What the files must be, as far as it is known; a name in `uncertain` was being changed when the daemon died. */
export interface CrashState {
  readonly files: Map<string, { readonly version: number; readonly size: number }>;
  readonly uncertain: Set<string>;
}

/** What the lines of a writer say about the files. */
export function follow(state: CrashState, lines: readonly string[]): void {
  let begun: CrashStep | undefined;
  for (const line of lines) {
    const { word, step } = JSON.parse(line) as { word: string; step: CrashStep };
    begun = word === 'begin' ? step : undefined;
    if (word === 'done') apply(state, step);
  }
  if (begun === undefined) return;
  for (const name of namesOf(begun)) state.uncertain.add(name);
}

function apply({ files }: CrashState, step: CrashStep): void {
  if (step.kind === 'delete') files.delete(step.name);
  else if (step.kind !== 'rename') files.set(step.name, { version: step.version, size: step.size });
  else {
    const moved = files.get(step.name);
    files.delete(step.name);
    if (moved !== undefined) files.set(step.to, moved);
  }
}

function namesOf(step: CrashStep): string[] {
  return step.kind === 'rename' ? [step.name, step.to] : [step.name, `${step.name}.new`];
}
