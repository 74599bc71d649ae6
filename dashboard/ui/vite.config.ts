import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// PROOFKEY_DASHBOARD is the origin of a running server whose console this one stands in for while somebody works on it.
const backend = process.env.PROOFKEY_DASHBOARD ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '#': file('./src') } },
  // A data: URL would be refused by the content security policy, so every asset is a file.
  build: { assetsInlineLimit: 0, target: 'es2023', reportCompressedSize: false },
  server: { proxy: { '/dashboard': backend } },
  test: {
    environment: 'happy-dom',
    testTimeout: 60_000,
    setupFiles: ['./src/test/setup.ts'],
    // One file in place of six thousand, which Node would open one by one.
    alias: { '@tabler/icons-react': file('./node_modules/@tabler/icons-react/dist/cjs/tabler-icons-react.cjs') },
  },
});
