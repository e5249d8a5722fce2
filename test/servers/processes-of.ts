import { readdir, readFile } from 'node:fs/promises';

/** The variable that every process of a server has in its environment, with the server's folder. */
export const folderVariable = 'CLOUDFUSION_SERVER_FOLDER';

/** The processes, by id, of the server with this folder: those that name it in their environment or their command line. */
export async function processesOf(folder: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const belong = await Promise.all(
    ids.map(async (id) => {
      const texts = await Promise.all(['environ', 'cmdline'].map((name) => readProcess(id, name)));
      return texts.some((text) => text.includes(folder));
    }),
  );
  return ids.filter((id, index) => belong[index] === true && id !== process.pid);
}

/** Of a process that has ended meanwhile, or that belongs to somebody else, nothing is known. */
async function readProcess(id: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${id}/${name}`, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
