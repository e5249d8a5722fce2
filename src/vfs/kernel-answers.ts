import { Errno, type ErrnoName } from '../fuse/errno.ts';
import type { Answer, Request } from '../fuse/file-system.ts';
import { errnoOf } from './errno-of.ts';

/** Runs a request, and tells its failure in the kernel's words, whether it comes now or later. */
export function ask<T>(request: Request, run: () => Answer<T>): Answer<T> {
  try {
    const answer = run();
    return answer instanceof Promise ? translated(answer, request) : answer;
  } catch (error) {
    throw errnoOf(error);
  }
}

/** As `ask`, for an answer that may be a step to be made later: its failure is told in the kernel's words too. */
export function askForStep(request: Request, run: () => void | Promise<() => void>): void | Promise<() => void> {
  const answer = ask<(() => void) | undefined>(request, () => run() ?? undefined);
  return answer instanceof Promise ? answer.then((step) => () => ask(request, () => step?.())) : undefined;
}

/** An answer whose failure is told in the kernel's words. */
export function translated<T>(answer: Promise<T>, request: Request): Promise<T> {
  return answer.catch((error: unknown) => {
    throw errnoOf(error, request.signal);
  });
}

/** Fails with an error of the kernel. */
export function refuse(code: ErrnoName): never {
  throw Errno.of(code);
}
