import { constants } from 'node:fs';

/** O_NONBLOCK: a pipe that took the file's place in the last moment must not hold the open up. */
export const readFlags: number = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
