import { ClientFolder } from './client-folder.ts';

/** What came of one of litmus's suites. Tests are named with their number, `4 copy_overwrite`: some run more than once. */
export interface LitmusResult {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** The suites of litmus. */
export type LitmusSuite = 'basic' | 'copymove' | 'props' | 'locks' | 'http';

/**
 * Runs suites of litmus against a server without authentication: litmus takes a password only where every process can see it.
 * It makes a collection `litmus` below `url`, and removes it.
 *
 * @throws {Error} when a suite did not come to its end.
 */
export async function runLitmus(
  url: string,
  suites: readonly LitmusSuite[],
): Promise<Partial<Record<LitmusSuite, LitmusResult>>> {
  await using folder = await ClientFolder.make('litmus');
  const results: Partial<Record<LitmusSuite, LitmusResult>> = {};
  for (const suite of suites)
    results[suite] = parseResult(await folder.text('litmus', ['-k', url], { env: { TESTS: suite } }));
  return results;
}

/**
 * A test is a line ` 4. copy_overwrite........ pass`, written over itself (`\r`) as it goes on. After a warning the verdict
 * is on a line of its own, which begins with dots.
 */
function parseResult(output: string): LitmusResult {
  const verdicts = new Map<string, string>();
  let test = '';
  for (const line of output.split(/[\n\r]/)) {
    const [, number, name, verdict] = /^ *(?:(\d+)\. (\w+)\.*|\.+) (pass|FAIL|SKIPPED)?/.exec(line) ?? [];
    if (number !== undefined) test = `${number} ${name}`;
    if (verdict !== undefined) verdicts.set(test, verdict);
  }
  const named = (wanted: string): string[] => [...verdicts.keys()].filter((name) => verdicts.get(name) === wanted);
  const passed = Number(/tests run: (\d+) passed/.exec(output)?.[1] ?? Number.NaN);
  if (passed !== named('pass').length) throw new Error(`litmus says:\n${output}`);
  return { passed, failed: named('FAIL'), skipped: named('SKIPPED') };
}
