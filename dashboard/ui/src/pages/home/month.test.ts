import { describe, expect, it } from 'vitest';
import { dayParameter, firstDay, month } from './month';

const now = Date.parse('2026-03-01T00:30:00Z');

describe('the last 30 days', () => {
  it('end with today, in UTC, over the end of a month', () => {
    expect(dayParameter(firstDay(now))).toBe('20260131');
    const days = month(now, [], [], true);
    expect(days.length).toBe(30);
    expect(dayParameter(days[29]?.at ?? 0)).toBe('20260301');
    expect(days.every((d) => d.logins === 0 && d.failures === 0)).toBe(true);
  });

  it('put each count on its day and leave out what is older', () => {
    const days = month(
      now,
      [
        { date: '2026-01-30T00:00:00.000Z', logins: 9, signups: 9 },
        { date: '2026-01-31T00:00:00.000Z', logins: 3, signups: 1 },
        { date: '2026-03-01T00:00:00.000Z', logins: 2, signups: 0 },
      ],
      ['2026-03-01T00:10:00.000Z', '2026-02-28T23:59:59.999Z', '2026-02-28T00:00:00.000Z', '2026-01-30T23:59:59.999Z'],
      true,
    );
    expect(days.reduce((n, d) => n + d.logins, 0)).toBe(5);
    expect([days[0]?.logins, days[0]?.signups, days[29]?.logins]).toEqual([3, 1, 2]);
    expect(days.map((d) => d.failures).slice(27)).toEqual([0, 2, 1]);
  });

  it('know no failures before the oldest that was read, and all of its own day at most', () => {
    const days = month(now, [], ['2026-03-01T00:10:00.000Z', '2026-02-28T12:00:00.000Z'], false);
    expect(days.map((d) => d.failures).slice(26)).toEqual([undefined, undefined, 1, 1]);
  });
});
