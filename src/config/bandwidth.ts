import type { TimeSlot, Timetable } from '../http/timetable.ts';
import { ConfigurationError } from './configuration-error.ts';
import type { Found } from './read-options.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutesOfDay = 24 * 60;
const units: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4 };
const allDays = days.map((_, day) => day);

/**
 * The rates of an option in the form that rclone has for `--bwlimit`: one rate, such as `10M`, or a timetable of local times, such as
 * `08:00,512k 19:00,10M 23:00,off` or `Mon-08:00,512k Sat-00:00,off`. K, M and G are powers of 1024 bytes per second; a bare number is of
 * K. Throws `ConfigurationError` with the line.
 */
export function timetableOf(found: Found, key: string): Timetable {
  const given = found.get(key);
  if (given === undefined) return [];
  const slots = parsedSlots(given.value);
  if (slots !== undefined) return slots;
  throw new ConfigurationError(
    `"${key}" is a rate such as 512k, 10M or off, or a timetable such as "08:00,512k 19:00,10M 23:00,off", not "${given.value}"`,
    given.line,
  );
}

function parsedSlots(text: string): Timetable | undefined {
  const rate = parsedRate(text.trim());
  if (rate !== undefined) return [{ minute: 0, rate }];
  const slots = text
    .trim()
    .split(/[\s;]+/)
    .map(parsedEntry);
  if (!slots.every((slot) => slot !== undefined)) return undefined;
  const sorted = slots.flat().toSorted((a, b) => a.minute - b.minute);
  const isTwice = sorted.some(({ minute }, i) => minute === sorted[i + 1]?.minute);
  return isTwice ? undefined : sorted;
}

/** One for each day, or for the one that is named. */
function parsedEntry(text: string): TimeSlot[] | undefined {
  const [, day, hours = '', minutes = '', amount = ''] = /^(?:([a-z]+)-)?(\d{1,2}):(\d{2}),(\S+)$/i.exec(text) ?? [];
  const rate = parsedRate(amount);
  const at = Number(hours) * 60 + Number(minutes);
  const index = day === undefined ? undefined : days.findIndex((name) => isDay(day.toLowerCase(), name));
  if (rate === undefined || index === -1 || Number(minutes) > 59 || at >= minutesOfDay) return undefined;
  return (index === undefined ? allDays : [index]).map((day) => ({ minute: day * minutesOfDay + at, rate }));
}

/** `mon` or `monday`. */
function isDay(given: string, name: string): boolean {
  const whole = { tue: 'tuesday', wed: 'wednesday', thu: 'thursday', sat: 'saturday' }[name] ?? `${name}day`;
  return given === name || given === whole;
}

function parsedRate(text: string): number | undefined {
  if (text.toLowerCase() === 'off') return Infinity;
  const [, number = '', unit = 'k'] = /^(\d+(?:\.\d+)?)(?:([bkmgt])(?:i?b?)?)?$/i.exec(text) ?? [];
  const rate = Math.round(Number(number) * 1024 ** (units[unit.toLowerCase()] ?? 0));
  return number !== '' && rate > 0 && Number.isSafeInteger(rate) ? rate : undefined;
}
