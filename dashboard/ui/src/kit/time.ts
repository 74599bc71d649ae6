const steps = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [2_592_000, 'day', 86_400],
  [31_536_000, 'month', 2_592_000],
  [Number.POSITIVE_INFINITY, 'year', 31_536_000],
] as const;

export function relativeTime(at: number, now: number, language: string): string {
  const seconds = Math.round((at - now) / 1000);
  const [, unit, size] = steps.find(([below]) => Math.abs(seconds) < below) ?? steps[5];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

export function exactTime(at: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long' }).format(at);
}

export type Unit = 'seconds' | 'minutes' | 'hours' | 'days';
export const unitSeconds: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** The largest unit that holds a lifetime without a fraction. */
export function unitOf(seconds: number): Unit {
  const fits = (['days', 'hours', 'minutes'] as const).find((u) => seconds > 0 && seconds % unitSeconds[u] === 0);
  return fits ?? 'seconds';
}

/** "2 days 4 hours", the two largest parts. */
export function duration(seconds: number, language: string): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const unit of ['days', 'hours', 'minutes', 'seconds'] as const) {
    const n = Math.floor(rest / unitSeconds[unit]);
    rest -= n * unitSeconds[unit];
    if (n > 0 || (unit === 'seconds' && parts.length === 0)) {
      const singular = unit.slice(0, -1);
      parts.push(new Intl.NumberFormat(language, { style: 'unit', unit: singular, unitDisplay: 'long' }).format(n));
    }
  }
  return parts.slice(0, 2).join(' ');
}
