/** Starts one server by hand, says what a client needs, and stops it on Ctrl-C: `npx node test/servers/start.ts apache-dav`. */
import { notInstalled, type ServerName, serverNames } from './installed.ts';
import { startServer } from './start-server.ts';

const name = serverNames.find((known): known is ServerName => known === process.argv[2]);

if (name === undefined) {
  console.error(`Say which server to start: ${serverNames.join(', ')}.`);
  process.exitCode = 2;
} else await stay(name);

async function stay(name: ServerName): Promise<void> {
  const missing = notInstalled(name);
  if (missing !== false) throw new Error(missing);
  const { stop, ...offer } = await startServer[name]();
  console.log(offer);
  console.log('Stop it with Ctrl-C.');
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    // A promise alone keeps no process alive.
    setInterval(() => undefined, 1 << 30);
  });
  await stop();
  process.exit();
}
