import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

/** The package as users get it: packed, and installed into an empty folder beside Node 24. */
export class InstalledPackage {
  readonly tarball: string;
  /** The folder into which it is installed. */
  readonly folder: string;
  readonly #temporary: string;

  private constructor(temporary: string, tarball: string) {
    this.#temporary = temporary;
    this.tarball = tarball;
    this.folder = join(temporary, 'user');
  }

  /** Builds, packs and installs; takes about a minute, and asks the package registry. */
  static async make(): Promise<InstalledPackage> {
    const temporary = await mkdtemp(join(tmpdir(), 'package-'));
    try {
      await run('npm', ['pack', '--pack-destination', temporary], { cwd: repository, timeout: 120_000 });
      const tarball = (await readdir(temporary)).find((name) => name.endsWith('.tgz'));
      if (tarball === undefined) throw new Error('npm pack made no tarball');
      const made = new InstalledPackage(temporary, join(temporary, tarball));
      await made.#install();
      return made;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  async #install(): Promise<void> {
    const { devDependencies } = JSON.parse(await readFile(`${repository}/package.json`, 'utf8')) as {
      devDependencies: { node: string };
    };
    await mkdir(this.folder);
    await writeFile(
      join(this.folder, 'package.json'),
      JSON.stringify({ private: true, type: 'module', allowScripts: { node: true } }),
    );
    await run('npm', ['install', this.tarball, `node@${devDependencies.node}`], { cwd: this.folder, timeout: 300_000 });
  }

  /** What a command of the folder prints. Rejects with everything it printed when its exit status is not 0. */
  async command(name: string, args: readonly string[], timeout = 60_000): Promise<string> {
    // A test run inside would otherwise report to the one outside.
    const { NODE_TEST_CONTEXT: _outside, ...env } = process.env;
    const { stdout } = await run('npx', ['--no-install', name, ...args], { cwd: this.folder, timeout, env });
    return stdout;
  }

  /** What a program in the folder prints. */
  async program(name: string, code: string): Promise<string> {
    await writeFile(join(this.folder, name), code);
    return this.command('node', [name]);
  }

  /** The names in the tarball, without the folder that all are in. */
  async contents(): Promise<string[]> {
    const { stdout } = await run('tar', ['-tzf', this.tarball]);
    return stdout.split('\n').flatMap((name) => (name === '' ? [] : [name.replace(/^package\//, '')]));
  }

  async remove(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
  }
}
