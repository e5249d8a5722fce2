import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const root = new URL('../', import.meta.url);
const lock = readJson('package-lock.json') as LockFile;

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, root), 'utf8'));
}

test('the lock file names no registry', () => {
  assert.deepEqual(registriesIn(lock), []);
});

test('the lock file has every package of every platform, or npm ci refuses it', () => {
  assert.deepEqual(missingFrom(lock), []);
});

test('every install script is allowed or denied in package.json', () => {
  const { allowScripts } = readJson('package.json') as { allowScripts: Record<string, boolean> };
  const scripted = Object.entries(lock.packages).filter(([, locked]) => locked.hasInstallScript === true);
  assert.deepEqual(scripted.map(([path]) => nameOf(path)).toSorted(), Object.keys(allowScripts).toSorted());
});

test('these rules see a bad lock file', () => {
  const bad: LockFile = {
    packages: {
      'node_modules/a': { resolved: 'https://registry.example/a.tgz', optionalDependencies: { 'a-other-system': '1' } },
    },
  };
  assert.deepEqual(registriesIn(bad), ['node_modules/a']);
  assert.deepEqual(missingFrom(bad), ['node_modules/a needs a-other-system']);
});

function registriesIn({ packages }: LockFile): string[] {
  return Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined);
}

function missingFrom({ packages }: LockFile): string[] {
  const names = new Set(Object.keys(packages).map(nameOf));
  return Object.entries(packages).flatMap(([path, locked]) =>
    Object.keys({ ...locked.dependencies, ...locked.devDependencies, ...locked.optionalDependencies })
      .filter((name) => !names.has(name))
      .map((name) => `${path} needs ${name}`),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
