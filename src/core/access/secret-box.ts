import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, reasonOf } from '../../model/errors.ts'

/** Keeps secrets readable to this installation only. `about` names what the secret belongs to and is needed to open it. */
export type SecretBox = {
  seal(secret: string, about: string): Buffer
  /** Throws AppError `invalid` when the bytes were not sealed with this key for this thing. */
  open(sealed: Uint8Array, about: string): string
}

const algorithm = 'aes-256-gcm'
const [version, nonceLength, tagLength] = [1, 12, 16]

/** AES-256-GCM (NIST SP 800-38D) with a key of 32 bytes. Sealed: version, nonce, tag, ciphertext. */
export function secretBox(key: Uint8Array): SecretBox {
  if (key.length !== 32) throw new AppError('invalid', `The secret key must have 32 bytes; it has ${key.length}.`)
  return {
    seal(secret, about) {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength }).setAAD(Buffer.from(about))
      const content = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), content])
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed)
      const [nonceEnd, tagEnd] = [1 + nonceLength, 1 + nonceLength + tagLength]
      try {
        if (bytes[0] !== version || bytes.length < tagEnd) throw new Error('not a sealed secret of this version')
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(1, nonceEnd), { authTagLength: tagLength })
          .setAAD(Buffer.from(about))
          .setAuthTag(bytes.subarray(nonceEnd, tagEnd))
        return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError('invalid', `The secret of ${about} cannot be opened with this installation's secret key: ${reasonOf(cause)}`, {
          cause,
        })
      }
    },
  }
}

/**
 * The key of the box: 32 bytes made from `OI_SECRET_KEY` (at least 32 characters), or those of the file `secret.key` in the
 * data folder, made on first use, readable to its owner only. Several processes on one database must share the variable.
 */
export async function readSecretKey(dataDir: string, fromEnvironment: string | undefined): Promise<Uint8Array> {
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    if (fromEnvironment.length < 32)
      throw new AppError('invalid', `OI_SECRET_KEY must have at least 32 characters; it has ${fromEnvironment.length}.`)
    return createHash('sha256').update(fromEnvironment).digest()
  }
  const path = join(dataDir, 'secret.key')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (!(await exists(path))) await writeNew(path, `${randomBytes(32).toString('base64')}\n`)
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
  if (key.length !== 32) throw new AppError('invalid', `${path} must hold 32 bytes in base64; it holds ${key.length}.`)
  return key
}

/** Whole or not at all, and never over what another process wrote first. */
async function writeNew(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  } finally {
    await rm(draft, { force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
