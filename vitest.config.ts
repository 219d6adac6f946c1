import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'console/**/*.test.{ts,tsx}'],
    globalSetup: ['test/postgres-server.ts', 'test/embedded-template.ts'],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    // An embedded database takes 0.5-0.8 GB a process.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
