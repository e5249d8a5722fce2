/** The parts of package.json that point at built files. */
export interface PackageFile {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Entries of package.json that no file of the repository becomes: `dist` mirrors `src`. */
export function missingEntries({ bin, exports }: PackageFile, exists: (path: string) => boolean): string[] {
  const targets = [
    ...Object.values(bin),
    ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
  ];
  return targets
    .filter((target) => !exists(sourceOf(target)))
    .map((target) => `${target} needs ${sourceOf(target)}, which does not exist`);
}

function sourceOf(target: string): string {
  return target
    .replace(/^\.\//, '')
    .replace(/^dist\//, 'src/')
    .replace(/^(src\/.*?)(?:\.d)?\.(?:ts|js)$/, '$1.ts');
}
