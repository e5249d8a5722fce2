/**
 * One client doing one workload, in a process of its own: `measured-client.ts CLIENT WORKLOAD ENDPOINT`. Prints
 * `{ operations, seconds, cpu }`, where `cpu` is in microseconds an operation and everything was done once before it counts.
 */
import { forEachConcurrently } from '../../src/store/for-each-concurrently.ts';
import { type BenchClient, clients } from './clients.ts';

const [name = '', workload = '', endpoint = ''] = process.argv.slice(2);
const client = await clients[name]?.(endpoint);
const work = workloads()[workload];
if (client === undefined || work === undefined) throw new TypeError(`no client ${name} or no workload ${workload}`);
await work(client, 0.1);
const cpuBefore = process.cpuUsage();
const began = performance.now();
const operations = await work(client, 1);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({
    operations,
    seconds,
    cpu: (user + system) / operations,
    memory: process.resourceUsage().maxRSS * 1024,
  }),
);
await client.close();

/** Each answers how many operations it did; `part` makes it smaller. */
function workloads(): Record<string, (client: BenchClient, part: number) => Promise<number>> {
  const small = new Uint8Array(4096).fill(65);
  return {
    async 'put 4 KiB'(client, part) {
      const count = Math.round(2000 * part);
      await forEachConcurrently(keys(count), 32, async (key) => void (await client.put(key, small)));
      return count;
    },
    async 'get 4 KiB'(client, part) {
      const count = Math.round(2000 * part);
      if (part < 1) await forEachConcurrently(keys(2000), 32, async (key) => void (await client.put(key, small)));
      await forEachConcurrently(keys(count), 32, async (key) => void (await client.get(key)));
      return count;
    },
    async 'upload 256 MiB'(client, part) {
      await client.upload('large', Math.round((256 << 20) * part));
      return 1;
    },
    async 'download 256 MiB'(client, part) {
      if (part < 1) await client.upload('large', 256 << 20);
      await client.download('large', 256 << 20);
      return 1;
    },
    'list 100,000': (client) => list(client, 'many'),
    'list 100,000, a page takes 20 ms': (client) => list(client, 'slow'),
  };
}

async function list(client: BenchClient, directory: string): Promise<number> {
  const count = await client.list(directory);
  if (count !== 100_000) throw new Error(`${count} keys were listed`);
  return count;
}

function* keys(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `small/${i}`;
}
