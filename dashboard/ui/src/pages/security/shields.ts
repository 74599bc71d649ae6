/** The list that the API keeps what a protection does in. */
export function shields<S extends string>(on: Record<S, boolean>): S[] {
  return (Object.keys(on) as S[]).filter((name) => on[name]);
}
