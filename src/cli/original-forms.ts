import { existsSync } from 'node:fs';
import { closestWord } from '../config/closest-word.ts';

/** What may follow the mount point in the original's command line, and the option that it is now. */
const words: Readonly<Record<string, readonly string[]>> = {
  foreground: ['--foreground'],
  log: ['--log', 'info'],
  profile: ['--profile'],
};

/**
 * The arguments that CloudFusion's first command line took, as those of this one:
 *
 *     cloudfusion [--config FILE] MOUNTPOINT [foreground] [log] [profile]
 *     cloudfusion MOUNTPOINT stop
 *
 * Everything else comes back as it is. A lone word that is nearly a command is left to be refused: it would otherwise be
 * taken for a new mount point.
 */
export function translateOriginalForm(
  given: readonly string[],
  commands: readonly string[],
  exists: (path: string) => boolean = existsSync,
): readonly string[] {
  const { options, rest } = splitConfig(given);
  const [mountPoint, ...actions] = rest;
  if (mountPoint === undefined || mountPoint.startsWith('-') || commands.includes(mountPoint)) return given;
  if (actions.length === 1 && actions[0] === 'stop') return ['stop', mountPoint];
  if (!actions.every((action) => Object.hasOwn(words, action))) return given;
  if (options.length === 0 && looksLikeCommand(mountPoint, commands) && !exists(mountPoint)) return given;
  return ['mount', mountPoint, ...options, ...actions.flatMap((action) => words[action] ?? [])];
}

function splitConfig(given: readonly string[]): { options: readonly string[]; rest: readonly string[] } {
  const at = given.findIndex((argument) => argument === '--config' || argument.startsWith('--config='));
  if (at < 0) return { options: [], rest: given };
  const end = at + (given[at] === '--config' ? 2 : 1);
  return { options: given.slice(at, end), rest: [...given.slice(0, at), ...given.slice(end)] };
}

function looksLikeCommand(word: string, commands: readonly string[]): boolean {
  return !word.includes('/') && closestWord(word, commands) !== undefined;
}
