import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPrograms } from './debian-programs.ts';

const program = 'import os, sys; os.setxattr(sys.argv[1], "user.cloudfusion", b"x" * 3000)';

/** A folder for temporary files on a file system that keeps user attributes of 3,000 bytes; undefined when there is none. */
export function folderWithAttributes(): string | undefined {
  return [tmpdir(), '/var/tmp'].find(keepsAttributes);
}

function keepsAttributes(parent: string): boolean {
  const folder = mkdtempSync(join(parent, 'attributes-'));
  const { status } = spawnSync('python3', ['-c', program, folder], { stdio: 'ignore', env: debianPrograms });
  rmdirSync(folder);
  return status === 0;
}
