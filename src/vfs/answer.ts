import type { Answer, Request } from '../fuse/file-system.ts';

/**
 * An answer that rejects with the signal's reason as soon as the request is interrupted. Only for what may be given up: the work itself
 * goes on, and `abandoned` receives its result. Never for changes, whose caller must learn whether they happened.
 */
export function interruptible<T>(answer: Answer<T>, request: Request, abandoned?: (value: T) => void): Answer<T> {
  return answer instanceof Promise ? untilInterrupted(answer, request.signal, abandoned) : answer;
}

/** As `interruptible`, for what is known to be a promise. */
export function untilInterrupted<T>(
  answer: Promise<T>,
  signal: AbortSignal,
  abandoned?: (value: T) => void,
): Promise<T> {
  const result = Promise.withResolvers<T>();
  let interrupted = signal.aborted;
  const interrupt = (): void => {
    interrupted = true;
    result.reject(signal.reason);
  };
  const deliver = async (): Promise<void> => {
    try {
      const value = await answer;
      if (interrupted) abandoned?.(value);
      else result.resolve(value);
    } catch (error) {
      result.reject(error);
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  };
  if (interrupted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  void deliver();
  return result.promise;
}
