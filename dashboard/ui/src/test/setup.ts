import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// What Mantine asks of a browser and happy-dom does not have.
Object.assign(window, {
  matchMedia: (query: string) => ({
    matches: false,
    media: query,
    addListener: () => {},
    removeListener: () => {},
    addEventListener: () => {},
    removeEventListener: () => {},
  }),
  scrollTo: () => {},
});

// Machines that do other things besides are slow; nothing waits longer than it has to.
configure({ asyncUtilTimeout: 20_000 });
Object.assign(document, { fonts: new EventTarget() });

afterEach(() => {
  cleanup();
  notifications.clean();
  vi.unstubAllGlobals();
});
