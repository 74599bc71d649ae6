import { Box, Checkbox, Grid, Group, NativeSelect, NumberInput, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { IconPalette } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '#/api/client';
import { type Entity, useSend } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { GuardedButton, Section } from '#/kit/bits';
import { ConfirmTyped } from '#/kit/confirm';
import { EntityForm, type Form, useEntityForm } from '#/kit/form';
import { useDenied } from '#/kit/permission';
import { EmptyState, Loaded } from '#/kit/states';
import { useToast } from '#/kit/toast';
import { type Branding, freshTheme, isColor, type Theme, useBranding, useTheme } from './branding';
import { ColorField } from './ColorField';
import { Preview } from './Preview';
import { brandingText } from './text';

export function ThemePage() {
  const branding = useBranding();
  const theme = useTheme();
  return (
    <Loaded query={branding}>
      {({ value }) =>
        theme.absent ? (
          <NoTheme branding={value} />
        ) : (
          <Loaded query={theme.query}>{() => <Settings query={theme.query} branding={value} />}</Loaded>
        )
      }
    </Loaded>
  );
}

function NoTheme({ branding }: { branding: Branding }) {
  const t = useText(brandingText).theme;
  const toast = useToast();
  const denied = useDenied();
  const create = useSend('post', '/branding/themes');
  const fresh = freshTheme(branding.colors?.primary ?? '#3b4fd1');
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <EmptyState title={t.emptyTitle} text={t.emptyText} icon={<IconPalette size={28} />}>
          <GuardedButton
            denied={denied}
            loading={create.isPending}
            onClick={() => void create.mutateAsync({ body: fresh }).then(() => toast.done(t.created), toast.failed)}
          >
            {t.create}
          </GuardedButton>
        </EmptyState>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Preview branding={branding} theme={fresh} />
      </Grid.Col>
    </Grid>
  );
}

const toValues = ({ borders, colors, fonts, page_background, widget }: Theme) => ({
  borders,
  colors,
  fonts,
  page_background,
  widget,
});

type Values = ReturnType<typeof toValues>;

const colorOrder = [
  'primary_button',
  'primary_button_label',
  'secondary_button_border',
  'secondary_button_label',
  'links_focused_components',
  'base_hover_color',
  'base_focus_color',
  'header',
  'body_text',
  'widget_background',
  'widget_border',
  'input_labels_placeholders',
  'input_filled_text',
  'input_background',
  'input_border',
  'icons',
  'read_only_background',
  'error',
  'success',
] as const;

const texts = ['title', 'subtitle', 'body_text', 'buttons_text', 'input_labels', 'links'] as const;

function Settings({ query, branding }: { query: UseQueryResult<Entity<Theme>>; branding: Branding }) {
  const t = useText(brandingText);
  const m = t.theme;
  const id = query.data?.value.themeId ?? '';
  const patch = useSend('patch', '/branding/themes/{themeId}');
  const between = (from: number, to: number) => (n: unknown) =>
    typeof n === 'number' && n >= from && n <= to ? null : t.errors.range(from, to);
  const https = (text: string) =>
    text.trim() === '' || /^https:\/\/[^\s/]+/i.test(text.trim()) ? null : t.errors.https;
  const state = useEntityForm({
    query,
    toValues,
    toBody: (v: Values) => v,
    save: (body, ifMatch) =>
      patch.mutateAsync({
        params: { path: { themeId: id } },
        body: body as Schemas['branding_theme_update'],
        ifMatch,
      }),
    labels: {
      ...Object.fromEntries(colorOrder.map((key) => [`colors.${key}`, m.colors[key]])),
      ...Object.fromEntries(texts.map((key) => [`fonts.${key}`, m.texts[key]])),
      page_background: m.page,
      borders: m.shapes,
      widget: m.widget,
    },
    validate: {
      colors: Object.fromEntries(
        colorOrder.map((key) => [key, (c?: string) => (c === undefined || isColor(c) ? null : t.errors.color)]),
      ),
      borders: {
        button_border_radius: between(1, 10),
        button_border_weight: between(0, 10),
        input_border_radius: between(0, 10),
        input_border_weight: between(0, 3),
        widget_border_weight: between(0, 10),
        widget_corner_radius: between(0, 50),
      },
      fonts: {
        font_url: https,
        reference_text_size: between(12, 24),
        ...Object.fromEntries(texts.map((key) => [key, { size: between(key === 'title' ? 75 : 0, 150) }])),
      },
      page_background: {
        background_color: (c: string) => (isColor(c) ? null : t.errors.color),
        background_image_url: https,
      },
      widget: { logo_height: between(1, 100), logo_url: https },
    },
  });
  const { form } = state;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 6 }} order={{ base: 2, lg: 1 }}>
        <EntityForm state={state}>
          <Section title={m.colorsTitle} text={m.colorsText} wide>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              {colorOrder.map((key) => (
                <ColorField key={key} label={m.colors[key]} {...form.getInputProps(`colors.${key}`)} />
              ))}
            </SimpleGrid>
          </Section>
          <PageParts form={form} />
          <Shapes form={form} />
          <Fonts form={form} />
        </EntityForm>
        <Delete id={id} onDeleted={state.forget} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }} order={{ base: 1, lg: 2 }}>
        <Box pos={{ base: 'static', lg: 'sticky' }} top={72}>
          <Preview branding={branding} theme={form.values} />
        </Box>
      </Grid.Col>
    </Grid>
  );
}

type ThemeForm = Form<Values>;

function PageParts({ form }: { form: ThemeForm }) {
  const t = useText(brandingText);
  const m = t.theme;
  const sides = (names: readonly ('left' | 'center' | 'right' | 'none')[]) =>
    names.map((value) => ({ value, label: m.sides[value] }));
  return (
    <Section title={m.page} text={m.pageText} wide>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <ColorField label={m.background} {...form.getInputProps('page_background.background_color')} />
        <NativeSelect
          label={m.layout}
          data={sides(['left', 'center', 'right'])}
          {...form.getInputProps('page_background.page_layout')}
        />
      </SimpleGrid>
      <TextInput
        type="url"
        label={m.image}
        placeholder="https://example.com/background.jpg"
        {...form.getInputProps('page_background.background_image_url')}
      />
      <TextInput
        type="url"
        label={m.logo}
        description={m.logoHelp}
        placeholder="https://example.com/logo.png"
        {...form.getInputProps('widget.logo_url')}
      />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <NumberInput label={m.logoHeight} suffix=" px" {...form.getInputProps('widget.logo_height')} />
        <NativeSelect
          label={m.logoPosition}
          data={sides(['left', 'center', 'right', 'none'])}
          {...form.getInputProps('widget.logo_position')}
        />
        <NativeSelect
          label={m.align}
          data={sides(['left', 'center', 'right'])}
          {...form.getInputProps('widget.header_text_alignment')}
        />
      </SimpleGrid>
    </Section>
  );
}

function Shapes({ form }: { form: ThemeForm }) {
  const t = useText(brandingText);
  const m = t.theme;
  const styles = (['pill', 'rounded', 'sharp'] as const).map((value) => ({ value, label: m.styles[value] }));
  const pixels = (path: string, label: string) => (
    <NumberInput label={label} suffix=" px" allowNegative={false} {...form.getInputProps(`borders.${path}`)} />
  );
  return (
    <Section title={m.shapes} wide>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <NativeSelect label={m.buttons} data={styles} {...form.getInputProps('borders.buttons_style')} />
        {pixels('button_border_radius', m.radius)}
        {pixels('button_border_weight', m.weight)}
        <NativeSelect label={m.inputs} data={styles} {...form.getInputProps('borders.inputs_style')} />
        {pixels('input_border_radius', m.radius)}
        {pixels('input_border_weight', m.weight)}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {pixels('widget_corner_radius', m.cardRadius)}
        {pixels('widget_border_weight', m.cardWeight)}
      </SimpleGrid>
      <Switch label={m.shadow} {...form.getInputProps('borders.show_widget_shadow', { type: 'checkbox' })} />
    </Section>
  );
}

function Fonts({ form }: { form: ThemeForm }) {
  const t = useText(brandingText);
  const m = t.theme;
  return (
    <Section title={m.fontsTitle} text={m.fontsText} wide>
      <TextInput
        type="url"
        label={t.basics.font.label}
        description={t.basics.font.help}
        placeholder="https://example.com/font.woff2"
        {...form.getInputProps('fonts.font_url')}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput label={m.reference} suffix=" px" {...form.getInputProps('fonts.reference_text_size')} />
        <NativeSelect
          label={m.linkStyle}
          data={(['normal', 'underlined'] as const).map((value) => ({ value, label: m.linkStyles[value] }))}
          {...form.getInputProps('fonts.links_style')}
        />
        {texts.map((key) => (
          <div key={key}>
            <NumberInput label={m.texts[key]} suffix=" %" {...form.getInputProps(`fonts.${key}.size`)} />
            <Checkbox
              mt="xs"
              size="xs"
              label={m.bold}
              aria-label={`${m.texts[key]}: ${m.bold}`}
              {...form.getInputProps(`fonts.${key}.bold`, { type: 'checkbox' })}
            />
          </div>
        ))}
      </SimpleGrid>
    </Section>
  );
}

function Delete({ id, onDeleted }: { id: string; onDeleted: () => void }) {
  const t = useText(brandingText).theme;
  const toast = useToast();
  const denied = useDenied();
  const [asked, setAsked] = useState(false);
  const remove = useSend('delete', '/branding/themes/{themeId}');
  return (
    <Section title={t.remove} text={t.removeText} danger wide>
      <Group>
        <GuardedButton denied={denied} color="red" variant="light" onClick={() => setAsked(true)}>
          {t.remove}
        </GuardedButton>
      </Group>
      <ConfirmTyped
        opened={asked}
        onClose={() => setAsked(false)}
        title={t.remove}
        text={t.removeText}
        word={t.removeWord}
        action={t.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ params: { path: { themeId: id } } });
          onDeleted();
          toast.done(t.removed);
        }}
      />
    </Section>
  );
}
