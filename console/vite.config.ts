import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
export default defineConfig({
  root: here,
  plugins: [react()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // A small script or picture inlined as data: would need a wider content policy than 'self'.
    assetsInlineLimit: 0,
    target: 'es2022',
    // Cloudscape's shared parts come to some 700 kB before compression; pages are split off by route.
    chunkSizeWarningLimit: 1_200,
  },
  // For `vite --config console/vite.config.ts` beside a running server.
  server: { proxy: { '/api': 'http://127.0.0.1:7480' } },
})
