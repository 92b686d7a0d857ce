import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm run build` writes the page to dist/apps/dashboard, from where the API serves it. */
export default defineConfig({
  root: at('.'),
  resolve: { alias: { '@unroll/contracts': at('../../libs/contracts/src/index.ts') } },
  build: {
    outDir: at('../../dist/apps/dashboard'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    // "use client" of libraries is for servers that render pages: there is none here.
    rolldownOptions: { onLog: (level, log, say) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && say(level, log) },
  },
  // `npx vite apps/dashboard` while working on the page, beside "npx unroll start".
  server: { proxy: { '/v1': process.env.UNROLL_URL ?? 'http://127.0.0.1:4000' } },
});
