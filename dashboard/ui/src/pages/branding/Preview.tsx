import { Box, Group, NativeSelect, Paper, SegmentedControl, Text } from '@mantine/core';
import { useDebouncedValue, useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTenantName } from '#/api/hooks';
import { useLanguage, useText } from '#/i18n/text';
import { brandingText } from './text';

const sizes = { phone: [390, 844], desktop: [1280, 800] } as const;
type Size = keyof typeof sizes;

interface Draft {
  page: string;
  branding: string;
  theme: string;
  name: string;
  ui_locales: string;
}

/** The login page itself, rendered by the server under what is typed; nothing of it is saved. */
export function Preview({ branding, theme }: { branding: object; theme: object | null }) {
  const t = useText(brandingText).preview;
  const { language } = useLanguage();
  const { ref, width } = useElementSize();
  const [size, setSize] = useState<Size>('desktop');
  const [scheme, setScheme] = useState<'light' | 'dark'>('light');
  const [page, setPage] = useState<'login' | 'error' | 'signup' | 'consent'>('login');
  const [shown, setShown] = useState('');
  const draft: Draft = {
    page,
    branding: JSON.stringify(branding),
    theme: JSON.stringify(theme),
    name: t.application,
    ui_locales: language,
  };
  const [wanted] = useDebouncedValue(JSON.stringify(draft), 350);
  const [w, h] = sizes[size];
  const scale = Math.min(1, (width || 320) / w);
  return (
    <Paper withBorder p="md" component="section" aria-label={t.title}>
      <Text fw={600} mb="xs">
        {t.title}
      </Text>
      <Group gap="xs" mb="sm">
        <SegmentedControl
          size="xs"
          aria-label={t.size}
          value={size}
          onChange={(value) => setSize(value as Size)}
          data={[
            { value: 'desktop', label: t.desktop },
            { value: 'phone', label: t.phone },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t.scheme}
          value={scheme}
          onChange={(value) => setScheme(value as 'light')}
          data={[
            { value: 'light', label: t.light },
            { value: 'dark', label: t.dark },
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={t.page}
          value={page}
          onChange={(event) => setPage(event.currentTarget.value as 'login')}
          data={(['login', 'error', 'signup', 'consent'] as const).map((value) => ({ value, label: t.pages[value] }))}
        />
      </Group>
      <div ref={ref} role="img" aria-label={t.title}>
        <Box pos="relative" w={w * scale} h={h * scale} mx="auto" style={{ overflow: 'hidden', borderRadius: 8 }}>
          {[...new Set([shown, wanted])]
            .filter((d) => d !== '')
            .map((d) => (
              <Frame
                key={d}
                draft={JSON.parse(d)}
                style={{
                  width: w,
                  height: h,
                  colorScheme: scheme,
                  transform: `scale(${scale})`,
                  transformOrigin: '0 0',
                  visibility: d === shown ? 'visible' : 'hidden',
                }}
                onReady={() => setShown(d)}
              />
            ))}
        </Box>
      </div>
    </Paper>
  );
}

let frames = 0;

/** One rendering. Each has a frame of its own: another page in the same frame would become a step of the browser's history. */
function Frame(p: { draft: Draft; style: React.CSSProperties; onReady: () => void }) {
  const tenant = useTenantName();
  const form = useRef<HTMLFormElement>(null);
  const sent = useRef(false);
  const [name] = useState(() => `preview-${++frames}`);
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    form.current?.submit();
  }, []);
  return (
    <div inert>
      <form ref={form} method="post" action={`/dashboard/preview/${encodeURIComponent(tenant)}`} target={name} hidden>
        {Object.entries(p.draft).map(([key, value]) => (
          <input key={key} type="hidden" name={key} value={value} readOnly />
        ))}
      </form>
      <iframe
        name={name}
        title={name}
        sandbox=""
        tabIndex={-1}
        style={{ ...p.style, position: 'absolute', inset: 0, border: 0, background: 'transparent' }}
        onLoad={() => sent.current && p.onReady()}
      />
    </div>
  );
}
