import { driveFault } from './drive-fault.ts';
import type { DriveDisk } from './drive-disk.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

type Test = (file: StoredDriveFile) => boolean;

/**
 * A search expression (https://developers.google.com/workspace/drive/api/guides/ref-search-terms), as far as it is needed here: `and`, `or`, `not`, brackets,
 * `in parents`, `name` and `mimeType` with `=` and `!=`, `trashed`. Throws for all else.
 */
export function parseSearch(q: string, disk: DriveDisk): Test {
  const tokens = q.match(/'(?:[^'\\]|\\.)*'|!=|=|[()]|[A-Za-z]+|\S/g) ?? [];
  let at = 0;
  const test = either();
  if (at !== tokens.length) throw bad();
  return test;

  function either(): Test {
    const tests = [both()];
    while (tokens[at] === 'or' && ++at > 0) tests.push(both());
    return (file) => tests.some((one) => one(file));
  }

  function both(): Test {
    const tests = [single()];
    while (tokens[at] === 'and' && ++at > 0) tests.push(single());
    return (file) => tests.every((one) => one(file));
  }

  function single(): Test {
    const token = tokens[at++] ?? '';
    if (token === 'not') {
      const test = single();
      return (file) => !test(file);
    }
    if (token === '(') {
      const inner = either();
      if (tokens[at++] !== ')') throw bad();
      return inner;
    }
    if (token.startsWith("'")) return inParents(text(token));
    return compared(token, tokens[at++] ?? '', tokens[at++] ?? '');
  }

  function inParents(id: string): Test {
    if (tokens[at++] !== 'in' || tokens[at++] !== 'parents') throw bad();
    const folder = disk.file(id, true).id;
    return (file) => file.parents.includes(folder);
  }

  function compared(term: string, operator: string, value: string): Test {
    const isEqual = operator === '=';
    if (!isEqual && operator !== '!=') throw bad();
    if (term === 'trashed' && isEqual && /^(?:true|false)$/.test(value))
      return (file) => disk.isTrashed(file) === (value === 'true');
    if (!value.startsWith("'")) throw bad();
    const wanted = text(value);
    // Names are compared without regard to case.
    if (term === 'name') return (file) => (file.name.toLowerCase() === wanted.toLowerCase()) === isEqual;
    if (term === 'mimeType') return (file) => (file.mimeType === wanted) === isEqual;
    throw bad();
  }

  function bad(): Error {
    return driveFault(400, 'invalid', 'Invalid Value');
  }

  function text(token: string): string {
    if (!token.endsWith("'") || token.length < 2) throw bad();
    return token.slice(1, -1).replace(/\\(.)/gs, '$1');
  }
}
