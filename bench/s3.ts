import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, printTable } from './report.ts';
import { startLoopbackServer } from './s3/start-loopback-server.ts';

/**
 * Measures the S3 provider beside @aws-sdk/client-s3 and curl against an S3 server in memory on loopback, in one run,
 * alternating, medians of several rounds: `npm run bench:s3 -- [--rounds N] [--only WORKLOAD] [--scheme https]`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    scheme: { type: 'string', default: 'http' },
  },
});

/** What a client needed for one workload. */
interface Measurement {
  readonly seconds: number;
  /** Microseconds of processor time an operation. */
  readonly cpu: number;
  /** Most memory in bytes. */
  readonly memory: number;
}

const workloads: Readonly<Record<string, readonly string[]>> = {
  'put 4 KiB': ['ours', 'sdk'],
  'get 4 KiB': ['ours', 'sdk'],
  'upload 256 MiB': ['ours', 'sdk', 'curl'],
  'download 256 MiB': ['ours', 'sdk', 'curl'],
  'list 100,000': ['ours', 'sdk', 'pages'],
  'list 100,000, a page takes 20 ms': ['ours', 'sdk', 'pages'],
};

const scratch = mkdtempSync(join(tmpdir(), 'cloudfusion-bench-'));
const identity = join(scratch, 'identity.pem');
const isSecure = values.scheme === 'https';
if (isSecure) makeIdentity();
const server = await startLoopbackServer(isSecure ? identity : undefined);
try {
  const endpoint = `${values.scheme}://127.0.0.1:${server.port}`;
  const results = new Map<string, Measurement[]>();
  const chosen = Object.entries(workloads).filter(([name]) => name.includes(values.only));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [workload, names] of chosen) {
      for (const name of names) {
        const key = `${workload}/${name}`;
        const measured = name === 'curl' ? curl(workload, endpoint) : await client(name, workload, endpoint);
        results.set(key, [...(results.get(key) ?? []), measured]);
      }
    }
  }
  report(chosen, results);
} finally {
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}

async function client(name: string, workload: string, endpoint: string): Promise<Measurement> {
  const script = new URL('s3/measured-client.ts', import.meta.url).pathname;
  const running = spawn(process.execPath, [script, name, workload, endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(isSecure && { NODE_EXTRA_CA_CERTS: identity }) },
  });
  const chunks: Buffer[] = [];
  running.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise((resolve) => running.once('close', resolve));
  if (status !== 0) throw new Error(`${name} failed at ${workload}`);
  return JSON.parse(Buffer.concat(chunks).toString()) as Measurement;
}

function curl(workload: string, endpoint: string): Measurement {
  const url = `${endpoint}/bench/curl`;
  const common = ['-s', '-f', ...(isSecure ? ['--cacert', identity] : [])];
  const file = join(scratch, 'large');
  writeFileSync(file, '');
  truncateSync(file, 256 << 20);
  const up = [...common, '-T', file, url];
  if (workload.startsWith('download')) run('curl', up);
  const began = performance.now();
  run('curl', workload.startsWith('download') ? [...common, '-o', '/dev/null', url] : up);
  return { seconds: (performance.now() - began) / 1000, cpu: Number.NaN, memory: Number.NaN };
}

/** A key and a certificate that signed itself, in one file. */
function makeIdentity(): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', identity];
  const subject = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const certificate = `${identity}.certificate`;
  run('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, '-out', certificate]);
  appendFileSync(identity, readFileSync(certificate));
}

function run(program: string, arguments_: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, arguments_, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}

function report(chosen: readonly (readonly [string, readonly string[]])[], results: Map<string, Measurement[]>): void {
  const middle = (key: string, of: keyof Measurement): number =>
    median((results.get(key) ?? []).map((found) => found[of]));
  const rows = chosen.flatMap(([workload, names]) =>
    names.map((name) => {
      const [seconds, cpu, memory] = (['seconds', 'cpu', 'memory'] as const).map((of) =>
        middle(`${workload}/${name}`, of),
      );
      const ratio = (of: 'seconds' | 'cpu'): string =>
        name === 'ours' ? '' : (middle(`${workload}/ours`, of) / middle(`${workload}/${name}`, of)).toFixed(2);
      return [
        workload,
        name,
        (seconds ?? Number.NaN).toFixed(2),
        Math.round(cpu ?? Number.NaN).toLocaleString('en'),
        Math.round((memory ?? Number.NaN) / 1e6).toLocaleString('en'),
        ratio('seconds'),
        name === 'curl' ? '' : ratio('cpu'),
      ];
    }),
  );
  printTable(['workload', 'client', 'seconds', 'CPU µs', 'MB', 'ours / its seconds', 'ours / its CPU'], rows);
}
