import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { AppError } from '../../model/errors.ts'
import { writePrivately } from '../private-file.ts'

/** Who an agent is, for whom, and by what it is known. Readable by its user only. */
const Identity = z.object({
  server: z.string(),
  /** File with certificates trusted beside the usual ones. */
  ca: z.string().optional(),
  credential: z.string(),
  /** What the server made of it; absent while its answer is awaited. */
  enrolled: z.object({ agent: z.string(), arn: z.string(), account: z.string(), region: z.string() }).optional(),
})
export type Identity = z.output<typeof Identity>
export type Enrolled = NonNullable<Identity['enrolled']>

const file = (folder: string) => join(folder, 'agent.json')

/** undefined where none was written yet. Throws AppError `denied` or `invalid`. */
export async function readIdentity(folder: string): Promise<Identity | undefined> {
  const path = file(folder)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw new AppError('denied', `Cannot read ${path}: ${cause.message}`, { cause })
  })
  if (text === undefined) return undefined
  try {
    return Identity.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('invalid', `Expected what \`openinspector agent enrol\` wrote in ${path}: enrol again with --again.`, { cause })
  }
}

export const writeIdentity = (folder: string, identity: Identity): Promise<void> =>
  writePrivately(file(folder), `${JSON.stringify(identity, undefined, 2)}\n`)

export const newCredential = (): string => `oia_${randomBytes(32).toString('base64url')}`
