/** A job of the API, as far as the console shows it. */
export interface Job {
  id: string;
  type: string;
  status: string;
  percentage_done?: number;
  time_left_seconds?: number;
  /** Why it failed as a whole. */
  status_details?: string;
  /** Where the file of an export is; the link works for a minute. */
  location?: string;
  connection?: string;
  summary?: { total: number; inserted: number; updated: number; failed: number };
}

/** What an import says of one user whom it refused. */
export interface Refused {
  user?: { email?: string; username?: string; phone_number?: string; user_id?: string };
  errors?: { code?: string; message?: string; path?: string }[];
}

export type Progress =
  | { state: 'waiting' }
  | { state: 'running'; percent: number; secondsLeft: number | undefined }
  | { state: 'done'; refused: number }
  | { state: 'failed'; why: string };

export function progressOf(job: Job): Progress {
  switch (job.status) {
    case 'completed':
      return { state: 'done', refused: job.summary?.failed ?? 0 };
    case 'failed':
      return { state: 'failed', why: job.status_details ?? '' };
    case 'processing':
      return {
        state: 'running',
        percent: Math.max(0, Math.min(100, Math.floor(job.percentage_done ?? 0))),
        secondsLeft: job.time_left_seconds === undefined ? undefined : Math.max(0, Math.round(job.time_left_seconds)),
      };
    default:
      return { state: 'waiting' };
  }
}

export const isOver = (job: Job | undefined) => job?.status === 'completed' || job?.status === 'failed';

/** Which user of the file it was, in the words of the file. */
export const whoOf = (r: Refused) => {
  const u = r.user ?? {};
  return u.email || u.username || u.phone_number || u.user_id || '–';
};

export const whyOf = (r: Refused) =>
  (r.errors ?? []).map((e) => (e.path ? `${e.path}: ${e.message}` : e.message)).join('; ');
