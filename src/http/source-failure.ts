/** Carries what a source threw past code that would take it for a failure of the service. */
export class SourceFailure extends Error {
  /** What the source threw. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the source failed', { cause: reason });
    this.name = 'SourceFailure';
    this.reason = reason;
  }
}
