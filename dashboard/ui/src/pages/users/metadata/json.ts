import { type Node, type ParseError, parseTree } from 'jsonc-parser';

export type Complaint =
  | { kind: 'syntax'; line: number; column: number }
  | { kind: 'object' }
  /** A name that is there twice, of which the first would be lost. */
  | { kind: 'twice'; name: string }
  /** The API takes a member away for a null at the first level. */
  | { kind: 'null'; name: string };

export const pretty = (value: unknown) => JSON.stringify(value ?? {}, null, 2);

function position(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const nameOf = (property: Node) => String(property.children?.[0]?.value ?? '');

function twice(node: Node): string | undefined {
  const names = node.type === 'object' ? (node.children ?? []).map(nameOf) : [];
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) return again;
  for (const child of node.children ?? []) {
    const found = twice(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What keeps a text from being metadata, or undefined. */
export function complaint(text: string): Complaint | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const first = errors[0];
  if (first || !root) return { kind: 'syntax', ...position(text, first?.offset ?? text.length) };
  if (root.type !== 'object') return { kind: 'object' };
  const again = twice(root);
  if (again !== undefined) return { kind: 'twice', name: again };
  const gone = root.children?.find((property) => property.children?.[1]?.type === 'null');
  return gone ? { kind: 'null', name: nameOf(gone) } : undefined;
}

export type Metadata = Record<string, unknown>;

/** The body that turns the stored metadata into the wanted: the API merges members, null takes one away, {} all. */
export function difference(stored: Metadata, wanted: Metadata): Metadata {
  if (Object.keys(wanted).length === 0) return {};
  const gone = Object.keys(stored).filter((key) => !(key in wanted));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted };
}
