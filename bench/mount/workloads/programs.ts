import type { Arena } from '../arena.ts';
import type { Figure, Figures } from '../figure.ts';
import type { Trial } from '../trial.ts';
import type { Workload } from '../workload.ts';

/** Files of up to 8 KiB in directories of 50. */
function sources(files: number): string {
  return `mkdir sources; for i in $(seq 0 ${files - 1}); do d=sources/$((i / 50)); [ -d $d ] || mkdir $d; head -c $((i * 7919 % 8192)) /dev/urandom | base64 > $d/source-$i.txt; done`;
}

const git = 'git -c user.name=bench -c user.email=bench@localhost -c gc.auto=0';

/** The repository, and what a clone of it is, for the direct tool. */
async function prepareRepository(arena: Arena): Promise<void> {
  await prepareSources(arena);
  await arena.seed(
    'repository',
    `cp -r sources repository; cd repository; ${git} init -q; ${git} add .; ${git} commit -q -m all`,
    false,
  );
  await arena.seed('cloned', `${git} clone -q --no-hardlinks repository cloned`, false);
}

/** The archive, and what it unpacks to, for the direct tool. */
async function prepareArchive(arena: Arena): Promise<void> {
  await prepareSources(arena);
  await arena.seed('archive', 'mkdir archive; tar cf archive/sources.tar sources', false);
}

async function prepareSources(arena: Arena): Promise<void> {
  await arena.seed('sources', sources(arena.options.repositoryFiles), false);
}

/** `git clone` of a repository on the disk, then `git status` in it. */
const gitClone: Workload = {
  name: 'git clone',
  over: ['disk', 's3'],
  prepare: prepareRepository,
  measure: async (trial): Promise<Figures> => {
    const from = `${trial.arena.plain}/seed/repository`;
    const cloned = await trial.shell(`${git} clone -q --no-hardlinks '${from}' "$1/$2"`, trial.arrived);
    const figure = await arrive(trial, cloned);
    if (figure.broken !== undefined) return { 'git clone': figure };
    return { 'git clone': figure, 'git status': await trial.shell(`${git} -C "$1/$2" status > /dev/null`) };
  },
  direct: async (tool) => ({ 'git clone': await tool.send('seed/cloned') }),
};

/** `tar x` of an archive on the disk. */
const untar: Workload = {
  name: 'tar x',
  over: ['disk', 's3'],
  prepare: prepareArchive,
  measure: async (trial): Promise<Figures> => {
    const archive = `${trial.arena.plain}/seed/archive/sources.tar`;
    const unpacked = await trial.shell(`mkdir "$1/$2"; tar xf '${archive}' -C "$1/$2"`, trial.arrived);
    return { 'tar x': await arrive(trial, unpacked) };
  },
  direct: async (tool) => ({ 'tar x': await tool.send('seed/sources') }),
};

/** What is there to be sent is counted where it was written. */
async function arrive(trial: Trial, figure: Figure): Promise<Figure> {
  if (trial.subject.below !== 's3' || figure.broken !== undefined) return figure;
  const { files, bytes } = await trial.written();
  return await trial.settled(figure, `${trial.work}/`, (there) => there.files === files && there.bytes === bytes);
}

/** What people do with many files. */
export const programs: readonly Workload[] = [gitClone, untar];
