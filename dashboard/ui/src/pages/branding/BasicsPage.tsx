import { Alert, Box, Grid, NativeSelect, NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type Entity, tenantRouteApi, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { Section, TextLink } from '#/kit/bits';
import { EntityForm, useEntityForm } from '#/kit/form';
import { Loaded } from '#/kit/states';
import {
  type Branding,
  type BrandingValues,
  type Ground,
  isColor,
  toBody,
  toValues,
  useBranding,
  useTheme,
} from './branding';
import { ColorField } from './ColorField';
import { Preview } from './Preview';
import { brandingText } from './text';

export function BasicsPage() {
  const query = useBranding();
  return <Loaded query={query}>{() => <Basics query={query} />}</Loaded>;
}

const https = (text: string) => text.trim() === '' || /^https:\/\/[^\s/]+/i.test(text.trim());

function Basics({ query }: { query: UseQueryResult<Entity<Branding>> }) {
  const t = useText(brandingText);
  const b = t.basics;
  const { tenant } = tenantRouteApi.useParams();
  const theme = useTheme();
  const patch = useSend('patch', '/branding');
  const address = (text: string) => (https(text) ? null : t.errors.https);
  const color = (needed: boolean) => (text: string) =>
    (text === '' && !needed) || isColor(text) ? null : t.errors.color;
  const state = useEntityForm({
    query,
    toValues,
    toBody,
    save: (body, ifMatch) => patch.mutateAsync({ body, ifMatch }),
    names: {
      'font.url': 'font_url',
      font: 'font_url',
      'colors.primary': 'primary',
      'colors.page_background.start': 'start',
      'colors.page_background.end': 'end',
      'colors.page_background.angle_deg': 'angle',
      'colors.page_background': 'color',
      colors: 'primary',
    },
    labels: {
      logo_url: b.logo.label,
      favicon_url: b.favicon.label,
      font_url: b.font.label,
      primary: b.primary.label,
      ground: b.ground,
      color: b.color,
      start: b.start,
      end: b.end,
      angle: b.angle,
    },
    validate: {
      logo_url: address,
      favicon_url: address,
      font_url: address,
      primary: color(false),
      color: (text: string, v: BrandingValues) => (v.ground === 'color' ? color(true)(text) : null),
      start: (text: string, v: BrandingValues) => (v.ground === 'gradient' ? color(true)(text) : null),
      end: (text: string, v: BrandingValues) => (v.ground === 'gradient' ? color(true)(text) : null),
      angle: (n: number | '', v: BrandingValues) =>
        v.ground !== 'gradient' || (n !== '' && n >= 0 && n <= 360) ? null : t.errors.angle,
    },
  });
  const { form } = state;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 6 }} order={{ base: 2, lg: 1 }}>
        {theme.value && (
          <Alert color="blue" role="note" mb="lg">
            {b.themed}{' '}
            <TextLink to="/t/$tenant/branding/theme" params={{ tenant }} style={{ textDecoration: 'underline' }}>
              {t.tabs.theme}
            </TextLink>
          </Alert>
        )}
        <EntityForm state={state}>
          <Section title={b.pictures} text={b.picturesText} wide>
            <TextInput
              type="url"
              label={b.logo.label}
              description={b.logo.help}
              placeholder="https://example.com/logo.png"
              {...form.getInputProps('logo_url')}
            />
            <TextInput
              type="url"
              label={b.favicon.label}
              description={b.favicon.help}
              placeholder="https://example.com/favicon.ico"
              {...form.getInputProps('favicon_url')}
            />
          </Section>
          <Section title={b.colors} text={b.colorsText} wide>
            <ColorField label={b.primary.label} description={b.primary.help} {...form.getInputProps('primary')} />
            <NativeSelect
              label={b.ground}
              data={(['none', 'color', 'gradient'] as Ground[]).map((value) => ({ value, label: b.grounds[value] }))}
              {...form.getInputProps('ground')}
            />
            {form.values.ground === 'color' && <ColorField label={b.color} required {...form.getInputProps('color')} />}
            {form.values.ground === 'gradient' && (
              <SimpleGrid cols={{ base: 1, xs: 3 }}>
                <ColorField label={b.start} required {...form.getInputProps('start')} />
                <ColorField label={b.end} required {...form.getInputProps('end')} />
                <NumberInput label={b.angle} required suffix="°" min={0} max={360} {...form.getInputProps('angle')} />
              </SimpleGrid>
            )}
          </Section>
          <Section title={b.fonts} text={b.fontsText} wide>
            <TextInput
              type="url"
              label={b.font.label}
              description={b.font.help}
              placeholder="https://example.com/font.woff2"
              {...form.getInputProps('font_url')}
            />
          </Section>
        </EntityForm>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }} order={{ base: 1, lg: 2 }}>
        <Box pos={{ base: 'static', lg: 'sticky' }} top={72}>
          {theme.known && <Preview branding={toBody(form.values)} theme={theme.value ?? null} />}
        </Box>
      </Grid.Col>
    </Grid>
  );
}
