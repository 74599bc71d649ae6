import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '#/api/client';
import { ApiError } from '#/api/errors';
import { type Entity, useEntity } from '#/api/hooks';

export type Branding = Schemas['branding'];
export type Theme = Schemas['branding_theme_create'] & { themeId?: string };

export const useBranding = () => useEntity('/branding', {});

/** The tenant's theme; a tenant without one is no failure. */
export function useTheme() {
  const query = useEntity('/branding/themes/default', {}) as unknown as UseQueryResult<Entity<Theme>>;
  const absent = query.error instanceof ApiError && query.error.status === 404;
  // What was read before it was deleted is still there beside the error.
  return { query, absent, value: absent ? undefined : query.data?.value, known: absent || query.data !== undefined };
}

export const isColor = (text: string) => /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text);

export type Ground = 'none' | 'color' | 'gradient';

export const toValues = (b: Branding) => {
  const ground = b.colors?.page_background;
  const gradient = typeof ground === 'object' && ground ? ground : undefined;
  return {
    logo_url: b.logo_url ?? '',
    favicon_url: b.favicon_url ?? '',
    font_url: b.font?.url ?? '',
    primary: b.colors?.primary ?? '',
    ground: (gradient ? 'gradient' : ground ? 'color' : 'none') as Ground,
    color: typeof ground === 'string' ? ground : '',
    start: gradient?.start ?? '',
    end: gradient?.end ?? '',
    angle: (gradient?.angle_deg ?? 180) as number | '',
  };
};

export type BrandingValues = ReturnType<typeof toValues>;

/** What is left empty is taken away, so that the pages have their own look there. */
export function toBody(v: BrandingValues): Schemas['branding_update'] {
  const ground =
    v.ground === 'color' && v.color
      ? v.color
      : v.ground === 'gradient'
        ? { type: 'linear-gradient' as const, start: v.start, end: v.end, angle_deg: Number(v.angle) }
        : undefined;
  const colors = {
    ...(v.primary ? { primary: v.primary } : {}),
    ...(ground ? { page_background: ground } : {}),
  };
  return {
    logo_url: v.logo_url.trim() || null,
    favicon_url: v.favicon_url.trim() || null,
    font: v.font_url.trim() ? { url: v.font_url.trim() } : null,
    colors: Object.keys(colors).length > 0 ? colors : null,
  };
}

/** How a theme begins: the look of our own pages in the light. */
export const freshTheme = (primary: string): Theme => ({
  displayName: 'Theme',
  borders: {
    button_border_radius: 8,
    button_border_weight: 1,
    buttons_style: 'rounded',
    input_border_radius: 8,
    input_border_weight: 1,
    inputs_style: 'rounded',
    show_widget_shadow: true,
    widget_border_weight: 0,
    widget_corner_radius: 16,
  },
  colors: {
    base_focus_color: primary,
    base_hover_color: primary,
    body_text: '#1e212a',
    captcha_widget_theme: 'auto',
    error: '#b3261e',
    header: '#1e212a',
    icons: '#5c6070',
    input_background: '#ffffff',
    input_border: '#8b90a0',
    input_filled_text: '#000000',
    input_labels_placeholders: '#5c6070',
    links_focused_components: primary,
    primary_button: primary,
    primary_button_label: '#ffffff',
    read_only_background: '#f4f5f8',
    secondary_button_border: '#8b90a0',
    secondary_button_label: '#1e212a',
    success: '#13743b',
    widget_background: '#ffffff',
    widget_border: '#c9ced6',
  },
  fonts: {
    body_text: { bold: false, size: 87.5 },
    buttons_text: { bold: true, size: 100 },
    font_url: '',
    input_labels: { bold: false, size: 100 },
    links: { bold: true, size: 87.5 },
    links_style: 'normal',
    reference_text_size: 16,
    subtitle: { bold: false, size: 87.5 },
    title: { bold: true, size: 150 },
  },
  page_background: { background_color: '#f4f5f8', background_image_url: '', page_layout: 'center' },
  widget: {
    header_text_alignment: 'center',
    logo_height: 52,
    logo_position: 'center',
    logo_url: '',
    social_buttons_layout: 'bottom',
  },
});
