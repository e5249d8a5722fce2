import type { SourceFile } from './source-file.ts';

/**
 * The layout: what each area of `src/` may import of the others. An area is a folder; the files that assemble (the list of
 * providers, `open-store.ts`, `index.ts`) are areas of their own.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  store: [],
  fuse: [],
  database: [],
  http: ['store'],
  providers: ['store', 'http'],
  layers: ['store'],
  threads: ['store'],
  conformance: ['store'],
  cache: ['store', 'layers', 'database'],
  vfs: ['store', 'cache', 'fuse'],
  registry: ['store', 'http', 'providers'],
  config: [
    'store',
    'threads',
    'http',
    'registry',
    'providers',
    'layers',
    'database',
    'cache',
    'fuse',
    'vfs',
    'assembler',
  ],
  assembler: [
    'store',
    'threads',
    'http',
    'registry',
    'providers',
    'layers',
    'database',
    'cache',
    'fuse',
    'vfs',
    'config',
  ],
  index: [
    'store',
    'threads',
    'http',
    'registry',
    'providers',
    'layers',
    'database',
    'cache',
    'fuse',
    'vfs',
    'config',
    'assembler',
  ],
  cli: ['store', 'http', 'layers', 'database', 'cache', 'fuse', 'vfs', 'config', 'assembler', 'registry', 'index'],
};

/** Packages and parts of Node that only one area knows. */
export const onlyIn: Readonly<Record<string, string>> = {
  'node:sqlite': 'database',
  koffi: 'fuse',
  commander: 'cli',
};

const assemblingFiles: Readonly<Record<string, string>> = {
  'src/index.ts': 'index',
  'src/providers/registry.ts': 'registry',
  'src/config/open-store.ts': 'assembler',
};

/** Imports that go up or sideways. Unit tests may import anything: they put the areas together. */
export function upwardImports(files: readonly SourceFile[]): string[] {
  return files
    .filter(isProduction)
    .flatMap(({ path, imports }) =>
      imports
        .filter((imported) => imported.startsWith('src/') && !isAllowed(path, imported))
        .map((imported) => `${path} imports ${imported}`),
    );
}

/** Packages imported outside their area. */
export function strayPackages(files: readonly SourceFile[]): string[] {
  return files
    .filter(isProduction)
    .flatMap(({ path, imports }) =>
      imports
        .filter((imported) => onlyIn[imported] !== undefined && onlyIn[imported] !== areaOf(path))
        .map((imported) => `${path} imports ${imported}, which belongs to ${onlyIn[imported]}`),
    );
}

/** Files that know both a provider and a layer, which only the assembling files may. */
export function jointKnowledge(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isProduction(file) && assemblingFiles[file.path] === undefined)
    .filter(({ imports }) => {
      const areas = new Set(imports.filter((imported) => imported.startsWith('src/')).map(areaOf));
      return areas.has('layers') && (areas.has('providers') || areas.has('registry'));
    })
    .map(({ path }) => `${path} knows providers and layers`);
}

/** Groups of files that import each other in a circle, types included. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (trail.includes(path) || done.has(path)) return;
    for (const imported of known.get(path)?.imports ?? []) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

function isAllowed(importer: string, imported: string): boolean {
  const from = areaOf(importer);
  const to = areaOf(imported);
  if (from !== to) return mayImport[from]?.includes(to) ?? false;
  return from !== 'providers' || shareProvider(importer, imported);
}

/** Folders of `providers` that are no provider: what several have in common. */
const sharedFolders: ReadonlySet<string> = new Set(['bucket', 'google', 'service']);

function shareProvider(importer: string, imported: string): boolean {
  const folder = imported.split('/')[2];
  return sharedFolders.has(folder ?? '') || folder === importer.split('/')[2];
}

function areaOf(path: string): string {
  return assemblingFiles[path] ?? path.split('/')[1] ?? path;
}

function isProduction({ path }: SourceFile): boolean {
  return path.startsWith('src/') && !path.endsWith('.test.ts');
}
