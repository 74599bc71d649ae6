/** A day of GET /stats/daily. */
export interface DayCount {
  date: string;
  logins: number;
  signups: number;
}

export interface Day {
  /** Its beginning in UTC, which is how the server counts days. */
  at: number;
  logins: number;
  signups: number;
  /** undefined on the days before the oldest failure that was read. */
  failures: number | undefined;
}

export const length = 30;
const day = 86_400_000;

/** The first of the days that end with the one of now. */
export const firstDay = (now: number) => Math.floor(now / day) * day - (length - 1) * day;

/** As the API takes a day: YYYYMMDD. */
export const dayParameter = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');

/** The days up to now. Failures are the newest first; complete says that there are none before them. */
export function month(now: number, counted: DayCount[], failures: string[], complete: boolean): Day[] {
  const first = firstDay(now);
  const index = (at: string) => Math.floor((Date.parse(at) - first) / day);
  const known = complete ? 0 : index(failures.at(-1) ?? '');
  const days: Day[] = Array.from({ length }, (_, i) => ({
    at: first + i * day,
    logins: 0,
    signups: 0,
    failures: i >= known ? 0 : undefined,
  }));
  for (const { date, logins, signups } of counted) {
    const d = days[index(date)];
    if (d) Object.assign(d, { logins, signups });
  }
  for (const at of failures) {
    const d = days[index(at)];
    if (d?.failures !== undefined) d.failures++;
  }
  return days;
}
