import { hostname } from 'node:os';

/** The directory of unfinished uploads, directly in the root. */
export const uploadDirectoryName = '.cloudfusion-uploads';

const besidePrefix = '.cloudfusion-upload-';
const dayMilliseconds = 24 * 60 * 60 * 1000;
const host = encodeURIComponent(hostname()).slice(0, 100);
const active = new Set<string>();
let lastNumber = 0;

/** A name for an unfinished upload that says whose it is: `PID-NUMBER-HOST`. It is active until `forgetUploadName`. */
export function newUploadName(): string {
  const name = `${process.pid}-${++lastNumber}-${host}`;
  active.add(name);
  return name;
}

/** The upload is finished, or given up. */
export function forgetUploadName(name: string): void {
  active.delete(name);
}

/** The name of the same upload beside its target, where the target is on another file system than the root. */
export function nameBeside(name: string): string {
  return besidePrefix + name;
}

/** Whether a name is kept for uploads: no entry may have it, and no listing shows it. */
export function isReserved(name: string, atRoot: boolean): boolean {
  return (atRoot && name === uploadDirectoryName) || (name.startsWith(besidePrefix) && parse(name) !== undefined);
}

/**
 * Whether a file of that name is what a crash left behind: its process on this host is gone, or nobody has touched it for a day.
 * Files that are not uploads are never leftovers.
 */
export function isLeftover(name: string, modified: number): boolean {
  const upload = parse(name);
  if (upload === undefined || active.has(upload.name)) return false;
  if (Date.now() - modified > dayMilliseconds) return true;
  return upload.host === host && (upload.pid === process.pid || !isRunning(upload.pid));
}

function parse(name: string): { name: string; pid: number; host: string } | undefined {
  const upload = name.startsWith(besidePrefix) ? name.slice(besidePrefix.length) : name;
  const [, pid, from] = /^([1-9]\d{0,9})-\d+-(.*)$/.exec(upload) ?? [];
  return pid === undefined || from === undefined ? undefined : { name: upload, pid: Number(pid), host: from };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
