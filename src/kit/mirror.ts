import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { AppError } from '../model/errors.ts'
import type { Download } from '../model/seams.ts'

/** Address of a file below a mirror: `base` is a folder's path or an https:, http: or file: URL. Every segment is one name. */
export function below(base: string, ...segments: readonly string[]): string {
  for (const segment of segments)
    if (segment === '' || segment === '.' || segment === '..' || /[/\\\0]/.test(segment))
      throw new AppError('invalid', `expected a plain name below ${base}, got ${JSON.stringify(segment)}`)
  return new URL(segments.map(encodeURIComponent).join('/'), folderUrl(base)).href
}

/** What a publisher's answer is known by, to ask for a newer one only. */
export const Mark = z.object({ etag: z.string().optional(), lastModified: z.string().optional() })
export type Mark = { readonly etag?: string; readonly lastModified?: string }

export function markOf({ etag, lastModified }: z.infer<typeof Mark>): Mark {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}

const FileCursor = Mark.extend({ url: z.string() })

/** Cursor of a feed that is one file. */
export function fileCursor(url: string, file: Download): string {
  return JSON.stringify({ url, ...markOf(file) })
}

/** The mark in such a cursor; empty when it is of another address, or none of ours. */
export function heldMark(cursor: string | undefined, url: string): Mark {
  const held = FileCursor.safeParse(parseCursor(cursor))
  return held.success && held.data.url === url ? markOf(held.data) : {}
}

/** A cursor's content; undefined when it is not JSON. */
export function parseCursor(cursor: string | undefined): unknown {
  try {
    return cursor === undefined ? undefined : JSON.parse(cursor)
  } catch {
    return undefined
  }
}

function folderUrl(base: string): string {
  const url = /^(https?|file):/i.test(base) ? base : pathToFileURL(isAbsolute(base) ? base : resolve(base)).href
  return url.endsWith('/') ? url : `${url}/`
}
