/**
 * How Node keeps the memory of a process that serves a mount small. Left to itself it lets the young generation grow to 64 MiB of each
 * thread and the old one to four times of what is in use, because it takes the computer for its own; and what survives in a large young
 * generation holds the thread up for tens of milliseconds when it is collected.
 */
const flags: Readonly<Record<string, string>> = {
  '--max-semi-space-size': '4',
  '--heap-growing-percent': '20',
};

/** glibc gives each thread an arena of its own, which gives nothing back to others; see mallopt(3). */
const arenas = { MALLOC_ARENA_MAX: '2' };

/** `parameters` of Node with what is missing in them; those that somebody set are left as they are. */
export function withHeapFlags(parameters: readonly string[]): string[] {
  const isSet = (name: string): boolean => parameters.some((parameter) => parameter.split('=')[0] === name);
  const missing = Object.entries(flags).filter(([name]) => !isSet(name));
  return [...parameters, ...missing.map(([name, value]) => `${name}=${value}`)];
}

/** The environment of a process that serves a mount. */
export function withHeapVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...arenas, ...environment };
}

/**
 * Begins this program again in this very process, with flags that Node takes at its start only. Returns where it has them
 * already.
 */
export function restartWithHeapFlags(): void {
  const parameters = withHeapFlags(process.execArgv);
  if (parameters.length === process.execArgv.length || process.execve === undefined) return;
  const environment = withHeapVariables(process.env);
  process.execve(process.execPath, [process.execPath, ...parameters, ...process.argv.slice(1)], environment);
}
