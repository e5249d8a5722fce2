import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** One line of /proc/PID/mountinfo (proc(5)). */
export interface MountEntry {
  readonly path: string;
  /** `path` as the table writes it: blanks and backslashes in octal. */
  readonly escapedPath: string;
  /** `major:minor`, which no two living file systems share. */
  readonly device: string;
  /** `ext4`, `fuse.cloudfusion`. */
  readonly type: string;
  readonly source: string;
}

/** The mounts that the text of a mountinfo lists, in its order: of two at one path, the later hides the earlier. */
export function parseMountTable(text: string): MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const [device, escapedPath] = [fields[2], fields[4]];
    const [type, source] = [fields[separator + 1], fields[separator + 2]];
    if (separator < 0 || device === undefined || escapedPath === undefined || type === undefined) continue;
    entries.push({ path: unescape(escapedPath), escapedPath, device, type, source: unescape(source ?? '') });
  }
  return entries;
}

function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** What is mounted at this absolute path, or undefined. Asks the kernel's table only: a mount itself may never answer. */
export async function mountAt(path: string): Promise<MountEntry | undefined> {
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  return table.findLast((entry) => entry.path === path);
}

/** Whether something is mounted at this absolute path. */
export async function isMounted(path: string): Promise<boolean> {
  return (await mountAt(path)) !== undefined;
}

/**
 * Whether a FUSE mount whose process is gone stands at this absolute path. Asked by another process, which is left behind
 * if the mount does not answer within `patience` milliseconds: then it lives, or at least holds on. A mount of another user counts as alive.
 */
export async function isDeadMount(path: string, patience = 2000): Promise<boolean> {
  const entry = await mountAt(path);
  if (entry === undefined || !isFuse(entry)) return false;
  // statfs(2) asks the process behind the mount; stat(2) may be answered from cached attributes.
  const child = spawn('stat', ['-f', '-c', '%T', '--', path], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    cwd: '/',
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.unref();
      child.stderr.destroy();
      resolve(false);
    }, patience);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(complaint.includes('Transport endpoint is not connected'));
    });
  });
}

function isFuse(entry: MountEntry): boolean {
  return entry.type === 'fuse' || entry.type.startsWith('fuse.');
}
