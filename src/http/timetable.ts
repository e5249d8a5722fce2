/** From a minute of the week on, counted from the beginning of Sunday in local time, so many bytes per second; `Infinity` for no limit. */
export interface TimeSlot {
  readonly minute: number;
  readonly rate: number;
}

/** Rates over the week, by time; the last one holds until the first one. Empty: no limit. */
export type Timetable = readonly TimeSlot[];

/** The rate at a moment, in bytes per second. */
export function rateAt(timetable: Timetable, now: Date): number {
  const minute = (now.getDay() * 24 + now.getHours()) * 60 + now.getMinutes();
  return (timetable.findLast((slot) => slot.minute <= minute) ?? timetable.at(-1))?.rate ?? Infinity;
}
