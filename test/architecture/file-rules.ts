import { posix } from 'node:path';
import type { SourceFile } from './source-file.ts';

const maxLines = 300;
const emptyWords = /^(?:utils?|helpers?|common|managers?|misc|backends?|drivers?|adapters?)$/;
const unfinished = /\b(?:TODO|FIXME|XXX)\b/;
const silentSkip = /\b(?:test|it|describe|suite)\.(?:skip|only|todo)\(|\b(?:skip|only|todo): true\b/;

/** Files longer than 300 lines. */
export function longFiles(files: readonly SourceFile[]): string[] {
  return files.filter(({ lines }) => lines > maxLines).map(({ path, lines }) => `${path} has ${lines} lines`);
}

/** Files of one base name, which a search by name cannot tell apart. `index.ts` names its folder. */
export function sharedNames(files: readonly SourceFile[]): string[] {
  const named = Map.groupBy(
    files.filter(({ path }) => path.startsWith('src/') && posix.basename(path) !== 'index.ts'),
    ({ path }) => posix.basename(path),
  );
  return [...named.values()]
    .filter((group) => group.length > 1)
    .map((group) => `${group.map(({ path }) => path).join(' and ')} have one name`);
}

/** Files and folders not named in kebab-case, or with a word that says nothing about what is inside. */
export function badNames(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => path.split('/').some(isBadName)).map(({ path }) => `${path} is badly named`);
}

function isBadName(part: string): boolean {
  const name = part.replace(/(?:\.test|\.bench)?\.ts$/, '');
  return !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || name.split('-').some((word) => emptyWords.test(word));
}

/** Exported declarations of `src/` without a doc comment. */
export function undocumentedExports(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
    .flatMap(({ path, exports }) =>
      exports
        .filter(({ documented }) => !documented)
        .map(({ name }) => `${path} exports ${name} without a doc comment`),
    );
}

/** Comments that say that the work is not finished. */
export function unfinishedWork(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ comments }) => comments.some((comment) => unfinished.test(comment)))
    .map(({ path }) => `${path} has a comment that says it is not finished`);
}

/** Tests that are skipped without a reason, or that keep others from running. */
export function silentSkips(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, text }) => path.endsWith('.test.ts') && silentSkip.test(text))
    .map(({ path }) => `${path} skips tests without a reason`);
}
