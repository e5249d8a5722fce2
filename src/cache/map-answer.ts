import type { Answer } from './node-tree.ts';

/** What `transform` makes of an answer: at once where the answer is here, so that a request which need not wait meets no promise. */
export function mapAnswer<T, U>(answer: Answer<T>, transform: (value: T) => Answer<U>): Answer<U> {
  return answer instanceof Promise ? answer.then(transform) : transform(answer);
}
