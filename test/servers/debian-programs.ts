/** The environment in which Debian's programs are found before others of their names. */
export const debianPrograms: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${process.env['PATH'] ?? ''}`,
};
