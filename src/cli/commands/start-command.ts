import { mkdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { MountDaemon } from '../daemon/mount-daemon.ts';
import { glanceText } from '../status-text.ts';
import { LiveLine, print, tell } from '../terminal.ts';

const refresh = 500;

/** A store for a first look: a directory, and uploads soon enough to watch them. The root is relative to the base directory. */
const configuration = '[store]\nname = local\ncache = 5\n\n[auth]\nroot = .\n';

/** `cloudfusion start`, which `npm start` runs. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('try it out: mount the directory ./store on ./mnt, and show what happens')
    .option('--store <directory>', 'where the files are kept', 'store')
    .option('--mount <directory>', 'where to mount', 'mnt')
    .action(async ({ store, mount }: { store: string; mount: string }) => {
      const root = resolve(store);
      await mkdir(root, { recursive: true });
      const line = new LiveLine();
      const say = (text: string): void => {
        line.end();
        tell(text);
      };
      const { serveInProcess } = await import('../daemon/serve-in-process.ts');
      await serveInProcess(
        { mountPoint: resolve(mount), text: configuration, baseDirectory: root, notice: say },
        { say, onReady: (daemon) => welcome(daemon, root, line) },
      );
    });
}

function welcome(daemon: MountDaemon, root: string, line: LiveLine): () => void {
  const { mountPoint } = daemon;
  print(`Copy files into ${mountPoint}/data: seconds later they arrive in ${root}.`);
  print(`Another service? Write its configuration to ${mountPoint}/config/config, which shows the one in force.`);
  print(`Ctrl-C stops it. In another terminal: ${ownName()} status ${mountPoint}`);
  const timer = setInterval(() => {
    const cache = daemon.control.store?.cache;
    line.show(cache === undefined ? 'not configured' : glanceText({ statistics: cache.statistics() }));
  }, refresh);
  return () => {
    clearInterval(timer);
    line.end();
  };
}

/** How this program is called: by its name, or from its source. */
function ownName(): string {
  const entry = process.argv[1] ?? '';
  return entry.endsWith('.ts') ? `npx node ${relative('.', entry)}` : 'cloudfusion';
}
