import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder for the data folder that `emptyStore` copies: made by whoever needs it first. */
    embeddedTemplate: string
  }
}

/** Runs before all tests: a place for one embedded store without a row, made once for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'oi-template-'))
  project.provide('embeddedTemplate', dir)
  return () => rm(dir, { recursive: true, force: true })
}
