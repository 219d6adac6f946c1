import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/**
 * Cloudscape's global styles hold eight fonts as data: addresses. As files they pass a content policy of 'self', and a
 * browser fetches only those it draws with.
 */
const fontFiles: Plugin = {
  name: 'font-files',
  generateBundle(_, bundle) {
    for (const sheet of Object.values(bundle)) {
      if (sheet.type !== 'asset' || !sheet.fileName.endsWith('.css')) continue
      sheet.source = String(sheet.source).replace(/data:font\/woff2;base64,([\w+/=]+)/g, (_, base64: string) => {
        const source = Buffer.from(base64, 'base64')
        const fileName = `assets/font-${createHash('sha256').update(source).digest('hex').slice(0, 12)}.woff2`
        this.emitFile({ type: 'asset', fileName, source })
        return `/${fileName}`
      })
    }
  },
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), fontFiles],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // A small script or picture inlined as data: would need a wider content policy than 'self'.
    assetsInlineLimit: 0,
    target: 'es2022',
    // Cloudscape's shared parts come to some 600 kB before compression; pages are split off by route.
    chunkSizeWarningLimit: 1_000,
  },
  // For `vite --config console/vite.config.ts` beside a running server.
  server: { proxy: { '/api': 'http://127.0.0.1:7480' } },
})
