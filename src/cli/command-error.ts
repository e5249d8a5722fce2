import type { ExitReason } from './exit-codes.ts';

/** Ends a command with one line for people and the exit status of `reason`. */
export class CommandError extends Error {
  readonly reason: ExitReason;

  constructor(reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  static {
    Object.defineProperty(CommandError.prototype, 'name', { value: 'CommandError', enumerable: false });
  }
}
