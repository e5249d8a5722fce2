import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, printTable } from './report.ts';
import { bindfs, cloudFusion, rawDisk, type Subject } from './subjects.ts';
import { dropCaches, type Workload, type WorkloadSize, workloads } from './workloads.ts';

/**
 * Measures the mount beside the plain disk and bindfs, in one run, alternating, medians of several rounds:
 * `npm run bench -- [--files N] [--blocks N] [--rounds N] [--only WORKLOAD]`. Needs root, to empty the kernel's caches.
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    blocks: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const size: WorkloadSize = { files: Number(values.files), blocks: Number(values.blocks) };

function measure(workload: Workload, subject: Subject): number {
  workload.prepare(subject.directory, size);
  if (workload.cold) dropCaches(subject.below);
  const began = performance.now();
  const done = workload.run(subject.directory, size);
  return done / ((performance.now() - began) / 1000);
}

const scratch = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-bench-'));
const subjects: Subject[] = [];
try {
  const peer = bindfs(scratch);
  if (peer === undefined) console.log('bindfs is not installed: measured without it (Debian package bindfs)');
  subjects.push(rawDisk(scratch), ...(peer === undefined ? [] : [peer]), await cloudFusion(scratch));
  const chosen = workloads.filter(({ name }) => name.includes(values.only));
  const rates = new Map<string, number[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const workload of chosen) {
      for (const subject of subjects) {
        const key = `${workload.name}/${subject.name}`;
        rates.set(key, [...(rates.get(key) ?? []), measure(workload, subject)]);
      }
    }
  }
  printTable(
    ['workload', 'unit', ...subjects.map(({ name }) => name), 'of raw', 'of bindfs'],
    chosen.map(({ name, unit }) => {
      const found = subjects.map((subject) => median(rates.get(`${name}/${subject.name}`) ?? []));
      const ours = found.at(-1) as number;
      const ratio = (other: number | undefined): string => (other === undefined ? '-' : (ours / other).toFixed(2));
      return [
        name,
        unit,
        ...found.map((rate) => Math.round(rate).toLocaleString('en')),
        ratio(found[0]),
        ratio(peer === undefined ? undefined : found[1]),
      ];
    }),
  );
} finally {
  for (const subject of subjects) await subject.stop();
  rmSync(scratch, { recursive: true, force: true });
}
