import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const proof: MantineColorsTuple = [
  '#eef1fd',
  '#dfe4fb',
  '#bcc6f6',
  '#9aaaff',
  '#7f90f0',
  '#5265dc',
  '#3a4fd0',
  '#2c3eab',
  '#25348f',
  '#1c2870',
];

const dark: MantineColorsTuple = [
  '#eceef3',
  '#c9cedb',
  '#a7aebd',
  '#8f97a9',
  '#3a404e',
  '#2a2e39',
  '#1d212a',
  '#171a22',
  '#11141b',
  '#0e1016',
];

/** The colors of the login pages, so that console and product look like one. */
export const theme = createTheme({
  primaryColor: 'proof',
  primaryShade: { light: 6, dark: 5 },
  colors: { proof, dark },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  components: {
    Paper: { defaultProps: { radius: 'lg' } },
    Modal: {
      // Its header is no landmark of the page.
      defaultProps: { centered: true, radius: 'lg', attributes: { header: { role: 'none' } } },
      styles: { title: { fontWeight: 650, fontSize: '1.125rem' } },
    },
    Tooltip: { defaultProps: { multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } } },
    Alert: { defaultProps: { variant: 'light' } },
    Badge: { defaultProps: { tt: 'none', fw: 600 } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    CheckboxGroup: { defaultProps: { inputWrapperOrder: ['label', 'description', 'input', 'error'] } },
    RadioGroup: { defaultProps: { inputWrapperOrder: ['label', 'description', 'input', 'error'] } },
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
});

/** Mantine's grey and red for small text stay below the contrast that WCAG AA asks for. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b3261e',
    '--mantine-color-dimmed': '#575e6d',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-text': '#171a21',
    '--mantine-color-default-border': '#d9dde5',
    '--mantine-color-teal-light': '#e0f4ea',
    '--mantine-color-teal-light-color': '#0f5c3a',
    '--mantine-color-yellow-light': '#fff4d6',
    '--mantine-color-yellow-light-color': '#7a4b00',
    '--mantine-color-red-light': '#fdeceb',
    '--mantine-color-red-light-color': '#a01c15',
    '--mantine-color-gray-light': '#eceef3',
    '--mantine-color-gray-light-color': '#3d4451',
    '--console-canvas': '#f6f7fa',
  },
  dark: {
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b3261e',
    '--mantine-color-error': '#ffb0a8',
    '--mantine-color-anchor': '#9aaaff',
    '--mantine-color-yellow-light': '#33290f',
    '--mantine-color-yellow-light-color': '#f3d38a',
    '--mantine-color-proof-light': '#262c4a',
    '--mantine-color-proof-light-hover': '#2d3457',
    '--mantine-color-proof-light-color': '#c3ccff',
    '--console-canvas': '#0e1016',
  },
});
