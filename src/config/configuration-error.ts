/** A configuration that cannot be used. The message names the line where there is one, what is wrong, and never a secret. */
export class ConfigurationError extends Error {
  /** From 1; undefined where no single line is at fault. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`);
    this.line = line;
  }

  static {
    Object.defineProperty(ConfigurationError.prototype, 'name', { value: 'ConfigurationError', enumerable: false });
  }
}
