/** What a form holds: nested objects are walked, everything else (lists too) is one field. */
export type Values = Record<string, unknown>;

const isObject = (v: unknown): v is Values => typeof v === 'object' && v !== null && !Array.isArray(v);

export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => equal(v, b[i]));
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((k) => equal(a[k], b[k]));
  }
  return false;
}

export interface Change {
  path: string;
  base: unknown;
  theirs: unknown;
  mine: unknown;
  /** Both changed it, to different values. */
  clash: boolean;
}

/** What somebody else changed between base and theirs, field by field, beside what the form holds. */
export function changes(base: Values, theirs: Values, mine: Values, at = ''): Change[] {
  return Object.keys({ ...base, ...theirs }).flatMap((key) => {
    const path = at ? `${at}.${key}` : key;
    const [b, t, m] = [base[key], theirs[key], mine[key]];
    if (isObject(b) && isObject(t) && isObject(m)) return changes(b, t, m, path);
    if (equal(b, t)) return [];
    return [{ path, base: b, theirs: t, mine: m, clash: !equal(m, b) && !equal(m, t) }];
  });
}

/** Joins two people's edits of one base; prefer says whose value a field gets that both changed. */
export function merge<V extends object>(base: V, theirs: V, mine: V, prefer: 'mine' | 'theirs'): V {
  const [b0, t0, m0] = [base, theirs, mine] as [Values, Values, Values];
  const out: Values = {};
  for (const key of Object.keys({ ...t0, ...m0 })) {
    const [b, t, m] = [b0[key], t0[key], m0[key]];
    if (isObject(b) && isObject(t) && isObject(m)) out[key] = merge(b, t, m, prefer);
    else if (equal(m, b)) out[key] = t;
    else if (equal(t, b)) out[key] = m;
    else out[key] = prefer === 'mine' ? m : t;
  }
  return out as V;
}

/** The top-level properties of now that differ from before: the body of a PATCH. */
export function changed<B extends object>(before: B, now: B): Partial<B> {
  const [was, is] = [before, now] as [Values, Values];
  return Object.fromEntries(Object.entries(is).filter(([k, v]) => !equal(v, was[k]))) as Partial<B>;
}
