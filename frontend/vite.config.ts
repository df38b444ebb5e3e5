import vue from '@vitejs/plugin-vue';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const backend = process.env.GRIDMAP_BACKEND ?? 'http://127.0.0.1:8000';

export default defineConfig(({ command }) => ({
  // Django serves the build under /static/ and the pages themselves at /, so only assets get the prefix.
  base: command === 'build' ? '/static/' : '/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // MapLibre's worker is an ES module of its own (see src/map/map.ts).
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 1300 },
  server: {
    proxy: {
      '/api': backend,
      '/ws': { target: backend, ws: true },
    },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], restoreMocks: true },
}));
