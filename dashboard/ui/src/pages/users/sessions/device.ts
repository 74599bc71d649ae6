/** Most telling first: Edge says that it is Chrome too, and Chrome that it is Safari. */
const browsers: [sign: RegExp, name: string][] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const systems: [sign: RegExp, name: string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bDarwin\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (all: [RegExp, string][], agent: string) => all.find(([sign]) => sign.test(agent))?.[1];

/** What a person would call the device: "Firefox, Windows"; of what is no browser, the name that it gives itself. */
export function deviceName(agent: string | undefined): string | undefined {
  if (!agent) return undefined;
  const program = first(browsers, agent) ?? (agent.startsWith('Mozilla/') ? undefined : agent.split(/[/\s(]/)[0]);
  return [program, first(systems, agent)].filter(Boolean).join(', ') || undefined;
}
