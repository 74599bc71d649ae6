export type Show = 'blocked' | 'unverified' | 'never';

const shown: Record<Show, string> = {
  blocked: 'blocked:true',
  unverified: '(_exists_:email AND email_verified:false)',
  never: '(NOT _exists_:last_login)',
};

/** A field, a group, an operator or a quotation mark: somebody writes the query syntax. */
const isQuery = (typed: string) => /(^|[\s(!-])[a-z_][\w.]*:\S|[()"[\]{}]|(^|\s)(AND|OR|NOT)(\s|$)|&&|\|\|/.test(typed);

/** A word as the query syntax reads it back; stars stay wildcards. */
const escaped = (word: string) => word.replace(/[\\:]/g, '\\$&');

const begins = (word: string) => (word.includes('*') ? word : `${word}*`);

/**
 * The search for what was typed. Words are looked for at the beginning of names and addresses, for which the server has
 * indexes; several have to be there all, or begin the whole name. Whoever writes the query syntax is taken at their word.
 */
export function userSearch(typed: string | undefined, show?: Show): string | undefined {
  const all: string[] = [];
  const text = typed?.trim();
  if (text && isQuery(text)) all.push(show ? `(${text})` : text);
  else if (text && /^\+\d+$/.test(text)) all.push(`phone_number:${text}*`);
  else if (text) {
    const words = text.split(/\s+/).map(escaped);
    const each = words.map(begins).join(' AND ');
    all.push(words.length === 1 ? each : `(name:${begins(words.join('\\ '))} OR (${each}))`);
  }
  if (show) all.push(shown[show]);
  return all.length > 0 ? all.join(' AND ') : undefined;
}
