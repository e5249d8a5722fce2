const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90`, `90s`, `30m`, `1.5h` or `2d`; undefined for anything else, for 0 and for more than ten years. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const milliseconds = Number(digits) * (units[unit] ?? Number.NaN);
  return milliseconds > 0 && milliseconds <= 3650 * 86_400_000 ? milliseconds : undefined;
}
