import type { Arena } from '../arena.ts';
import type { Figures } from '../figure.ts';
import type { Workload } from '../workload.ts';

const pageBytes = 4096;
const coldReads = 100;

async function prepare(arena: Arena): Promise<void> {
  await arena.seed('big', `head -c ${arena.options.megabytes}M /dev/urandom > big`);
}

/** A large file, until it is closed and until the server has it. */
const write: Workload = {
  name: 'write large',
  over: ['s3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const { arena, work } = trial;
    const bytes = arena.options.megabytes * 2 ** 20;
    const made = await trial.shell('mkdir "$1/$2"');
    if (made.broken !== undefined) return { 'write large': made };
    const script = `dd if='${arena.plain}/seed/big' of="$1/$2/big" bs=1M status=none`;
    const written = await trial.shell(script, trial.arrived);
    return { 'write large': await trial.settled(written, `${work}/`, (there) => there.bytes === bytes) };
  },
  direct: async (tool) => ({ 'write large': await tool.send('seed/big') }),
};

/** The whole of it in order, first from the server, then from the cache. */
const read: Workload = {
  name: 'read large',
  over: ['s3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const script = 'dd if="$1/seed/big" of=/dev/null bs=1M status=none';
    const cold = await trial.shell(script);
    return {
      'read large, cold': cold,
      ...(cold.broken === undefined && { 'read large, warm': await trial.shell(script) }),
    };
  },
  direct: async (tool) => ({ 'read large, cold': await tool.fetch('seed/big') }),
};

/** A few pages of it. */
const random: Workload = {
  name: 'random reads, cold',
  over: ['s3'],
  prepare,
  measure: async (trial) => ({ 'random reads, cold': await trial.files('random', 'seed/big', coldReads) }),
};

/** A page more, until the server has it. */
const append: Workload = {
  name: 'append',
  over: ['s3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const { arena, work } = trial;
    const bytes = arena.options.megabytes * 2 ** 20 + pageBytes;
    if (trial.subject.below === 's3') await arena.putCopy('seed/big', `${work}/big`);
    else
      await arena.mustRun('bash', [
        '-c',
        `mkdir "$1"; cp "$2" "$1/big"`,
        'bash',
        `${arena.plain}/${work}`,
        `${arena.plain}/seed/big`,
      ]);
    const appended = await trial.files('append', `${work}/big`, 1);
    return { append: await trial.settled(appended, `${work}/`, (there) => there.bytes === bytes) };
  },
};

/** One large file over S3. */
export const largeFile: readonly Workload[] = [write, read, random, append];
