import type { Figure, Figures } from '../figure.ts';
import type { Trial } from '../trial.ts';
import type { Workload } from '../workload.ts';

/** Creates so many times the files of `--files`. */
const times = 5;

/** Empty files, one after the other in one directory. */
const nodes: Workload = {
  name: 'create, stat, unlink',
  over: ['disk', 's3'],
  measure: async (trial): Promise<Figures> => {
    const count = times * trial.arena.options.files;
    const figures: Record<string, Figure> = {};
    const step = async (name: string, kind: string): Promise<boolean> => {
      const figure = await trial.files(kind, trial.work, count);
      figures[name] = figure;
      return figure.broken === undefined;
    };
    const made = await trial.shell('mkdir "$1/$2"');
    if (made.broken !== undefined || !(await step('create', 'create'))) return figures;
    await trial.dropKernelCaches();
    const isDone = (await step('stat, cold', 'stat')) && (await step('stat, warm', 'stat'));
    if (isDone) await step('unlink', 'unlink');
    return figures;
  },
};

/** `ls -l` of a directory that was never looked at, and once more. */
function listing(names: number): Workload {
  const [name, seed] = [`ls -l of ${names.toLocaleString('en')}`, `names-${names}`];
  return {
    name,
    over: ['disk', 's3'],
    prepare: (arena) =>
      arena.seed(
        seed,
        `mkdir ${seed}; seq -f '${seed}/name-%08.0f' ${names} | xargs -n 5000 bash -c 'for f; do echo > "$f"; done' bash`,
      ),
    measure: async (trial): Promise<Figures> => {
      if (trial.subject.below === 'disk') await dropSeenNames(trial);
      const script = `n=$(ls -l "$1/seed/${seed}" | wc -l); [ "$n" = ${names + 1} ] || { echo "$n lines" >&2; exit 1; }`;
      const cold = await trial.shell(script);
      return {
        [`${name}, cold`]: cold,
        ...(cold.broken === undefined && { [`${name}, warm`]: await trial.shell(script) }),
      };
    },
    direct: async (tool) => ({ [`${name}, cold`]: await tool.list(`seed/${seed}`) }),
  };
}

/** A fresh mount knows no names, but the plain disk does; nothing is brought back, as all of them have to look. */
async function dropSeenNames(trial: Trial): Promise<void> {
  if (trial.subject.name === 'raw disk') await trial.dropKernelCaches();
}

/** Many names in one directory. */
export function manyNames(counts: readonly number[]): readonly Workload[] {
  return [nodes, ...counts.map(listing)];
}
