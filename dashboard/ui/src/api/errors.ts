/** What the server refused, or why it could not be asked. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The property that a validation error names, as the API writes it: `callbacks[0]`, `jwt_configuration.alg`. */
  readonly property: string | undefined;

  constructor(status: number, code: string, message: string) {
    const complaint = parseComplaint(message);
    super(complaint?.what ?? message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.property = complaint?.property;
  }

  /** The server could not be reached, or failed: the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Takes `Payload validation error: 'What' on property where (…)` apart. */
export function parseComplaint(message: string): { what: string; property: string | undefined } | undefined {
  const match =
    /^(?:Payload|Query|Path) validation error: '(.*?)'(?: on property ([^\s(]+?))?\.?(?: \(.*\))?\.?$/s.exec(message);
  if (!match?.[1]) return undefined;
  return { what: match[1], property: match[2] };
}

export async function errorOf(response: Response): Promise<ApiError> {
  let body: { message?: unknown; error?: unknown; errorCode?: unknown; error_description?: unknown } = {};
  try {
    body = await response.json();
  } catch {
    // A proxy in between answers with a page of its own; the status is all that it tells.
  }
  const text = (v: unknown) => (typeof v === 'string' && v ? v : undefined);
  return new ApiError(
    response.status,
    text(body.errorCode) ?? text(body.error) ?? '',
    text(body.message) ?? text(body.error_description) ?? text(body.error) ?? `HTTP ${response.status}`,
  );
}

/** The names under which a form may know a property, most exact first: `a.b[0].c` gives a.b.0.c, a.b.0, a.b, a. */
export function formPaths(property: string): string[] {
  const parts = property.replace(/\[(\d+)\]/g, '.$1').split('.');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('.'));
}
