/** `drain` could not send everything. */
export class DrainError extends Error {
  /** How many changes are left. */
  readonly changesLeft: number;

  constructor(changesLeft: number, path: string, reason: string) {
    super(`${changesLeft} ${changesLeft === 1 ? 'change' : 'changes'} could not be sent; ${path}: ${reason}`);
    this.name = 'DrainError';
    this.changesLeft = changesLeft;
  }
}
