import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';

/** What of the machine the installation uses. */
export interface Machine {
  /** Runs a command to its end and answers its exit status and what it said. */
  run(command: string, args: readonly string[]): { status: number; output: string };
  readonly isRoot: boolean;
  /** Debian asks this program whether a package may start its service (`/usr/sbin/policy-rc.d`). */
  readonly servicePolicy: string;
}

/** This machine. */
export const thisMachine: Machine = {
  run: (command, args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, timeout: 300_000 });
    return { status: status ?? 1, output: error?.message ?? stdout + stderr };
  },
  isRoot: process.getuid?.() === 0,
  servicePolicy: '/usr/sbin/policy-rc.d',
};

/**
 * Installs Debian packages in one step, as root or with `sudo -n`. No package may start its service meanwhile.
 *
 * @returns undefined, or why they are not installed.
 */
export function install(packages: readonly string[], machine: Machine = thisMachine): string | undefined {
  if (packages.length === 0) return undefined;
  const asRoot = machine.isRoot ? [] : ['sudo', '-n'];
  if (!machine.isRoot && machine.run('sudo', ['-n', 'true']).status !== 0) return 'only root can install packages';
  const run = (...words: readonly string[]): { status: number; output: string } => {
    const [command = '', ...args] = [...asRoot, ...words];
    return machine.run(command, args);
  };
  const policy = forbidServices(machine);
  try {
    const updated = run('apt-get', 'update', '-qq');
    const installed = run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
    if (installed.status === 0) return undefined;
    return `apt-get failed: ${[updated, installed].map(({ output }) => output.trim().slice(-1000)).join('\n')}`;
  } finally {
    policy.lift();
  }
}

/** Without root the file cannot be written, and Debian's own rules hold. */
function forbidServices({ isRoot, servicePolicy }: Machine): { lift: () => void } {
  if (!isRoot || existsSync(servicePolicy)) return { lift: () => undefined };
  writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n');
  chmodSync(servicePolicy, 0o755);
  return { lift: () => rmSync(servicePolicy) };
}
