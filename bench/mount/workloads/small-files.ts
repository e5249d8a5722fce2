import type { Arena } from '../arena.ts';
import type { Figures } from '../figure.ts';
import type { Workload } from '../workload.ts';

const fileBytes = 4096;
const readers = 8;

/** Files of 4 KiB of random bytes: cut from one, so that it takes no process a file. */
async function prepare(arena: Arena): Promise<void> {
  const { files } = arena.options;
  const cut = `split -b ${fileBytes} -a 6 -d - small/file-`;
  await arena.seed('small', `mkdir small; head -c ${files * fileBytes} /dev/urandom | ${cut}`);
}

/** `cp -r`, until it returns and until the server has all. */
const copyIn: Workload = {
  name: 'copy in',
  over: ['disk', 's3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const { plain, options } = trial.arena;
    const copied = await trial.program(
      'cp',
      ['-r', `${plain}/seed/small`, `${trial.root}/${trial.work}`],
      trial.arrived,
    );
    const bytes = options.files * fileBytes;
    const settled = await trial.settled(
      copied,
      `${trial.work}/`,
      (there) => there.files === options.files && there.bytes === bytes,
    );
    return { 'copy in': settled };
  },
  direct: async (tool) => ({ 'copy in': await tool.send('seed/small') }),
};

/** All files, 8 at a time, by `cat`; its output is counted. */
const readSmall: Workload = {
  name: 'read small',
  over: ['disk', 's3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const { files, cap } = trial.arena.options;
    const read = `find "$1/seed/small" -type f -print0 | timeout ${cap / 1000} xargs -0 -P ${readers} -n 25 cat | wc -c`;
    const check = `n=$(${read}); [ "$n" = ${files * fileBytes} ] || { echo "$((n / ${fileBytes})) of ${files}" >&2; exit 1; }`;
    const cold = await trial.shell(check);
    return {
      'read small, cold': cold,
      ...(cold.broken === undefined && { 'read small, warm': await trial.shell(check) }),
    };
  },
  direct: async (tool) => ({ 'read small, cold': await tool.fetch('seed/small') }),
};

/** `rm -rf` of a directory that was looked at, until it returns and until the server has nothing of it. */
const remove: Workload = {
  name: 'rm -rf',
  over: ['disk', 's3'],
  prepare,
  measure: async (trial): Promise<Figures> => {
    const { arena, work } = trial;
    if (trial.subject.below === 's3') await arena.put('seed/small', work);
    else await arena.mustRun('cp', ['-r', `${arena.plain}/seed/small`, `${arena.plain}/${work}`]);
    const seen = await trial.shell('ls "$1/$2"');
    if (seen.broken !== undefined) return { 'rm -rf': seen };
    const removed = await trial.shell('rm -rf "$1/$2"', trial.arrived);
    return { 'rm -rf': await trial.settled(removed, `${work}/`, ({ files }) => files === 0) };
  },
  direct: async (tool) => {
    await tool.arena.put('seed/small', tool.work);
    return { 'rm -rf': await tool.remove() };
  },
};

/** Many small files. */
export const smallFiles: readonly Workload[] = [copyIn, readSmall, remove];
