/** Reads one search parameter; what does not fit is left out, so that a mistyped link still opens the page. */
type Reader<T> = (raw: unknown) => T | undefined;

export const text: Reader<string> = (raw) => {
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
  return typeof raw === 'string' && raw !== '' ? raw : undefined;
};

export const natural: Reader<number> = (raw) => {
  const n = Number(raw);
  return raw !== '' && Number.isInteger(n) && n >= 1 ? n : undefined;
};

export const flag: Reader<true> = (raw) => (raw === true || raw === 'true' ? true : undefined);

export const oneOf =
  <const T extends string>(...words: T[]): Reader<T> =>
  (raw) =>
    words.find((w) => w === raw);

/** A validateSearch for a route: `searchParams({ q: text, page: natural })`. */
export function searchParams<R extends Record<string, Reader<unknown>>>(readers: R) {
  return (raw: Record<string, unknown>) => {
    const out: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(readers)) {
      const value = read(raw[name]);
      if (value !== undefined) out[name] = value;
    }
    return out as { [K in keyof R]?: NonNullable<ReturnType<R[K]>> };
  };
}
