import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '../../model/errors.ts'

/** What to look at, as a source takes it. */
export type Target = { readonly scheme: string; readonly value: string }

/** Schemes a person may type; `host` takes no value. */
const schemes = ['host', 'dir', 'rootfs', 'disk', 'image', 'registry', 'docker', 'containerd', 'archive', 'lambda', 'sbom'] as const

/** Of these what follows is the name of an image, and no path; of a store on this machine it may be nothing, for all that it holds. */
const named: ReadonlySet<string> = new Set(['registry', 'docker', 'containerd'])
const stores: ReadonlySet<string> = new Set(['docker', 'containerd'])

/**
 * Reads what a person typed: `host`, `dir:PATH`, `rootfs:PATH`, `disk:PATH[,PATH]`, `image:PATH`, `registry:NAME`, `docker:[NAME]`,
 * `containerd:[NAME]`, `archive:PATH`, `lambda:PATH`, `sbom:PATH`, or a bare path, which is an image, an archive, an SBOM, a disk or a directory by its look. Paths come back absolute. Throws AppError `invalid` or `missing`.
 */
export function parseTarget(text: string, cwd: string = process.cwd()): Target {
  if (text === 'host' || text === 'host:') return { scheme: 'host', value: '' }
  const [, scheme, value] = /^([a-z][a-z0-9+-]*):(.*)$/s.exec(text) ?? []
  if (scheme === undefined || value === undefined) return byLook(text, resolve(cwd, text))
  if (!schemes.some((known) => known === scheme)) throw unknown(text)
  if (scheme === 'host')
    throw new AppError('invalid', `target ${text}: host is this machine and takes no value; for another root use rootfs:PATH`)
  if (value === '' && !stores.has(scheme))
    throw new AppError('invalid', `target ${text}: expected ${named.has(scheme) ? 'the name of an image' : 'a path'} after ${scheme}:`)
  // A name, and no path of this machine.
  if (named.has(scheme)) return { scheme, value }
  if (scheme === 'lambda' || (scheme === 'disk' && !statSync(resolve(cwd, value), { throwIfNoEntry: false })))
    return {
      scheme,
      value: value
        .split(',')
        .map((path) => resolve(cwd, path))
        .join(','),
    }
  return { scheme, value: resolve(cwd, value) }
}

function byLook(text: string, path: string): Target {
  const found = text === '' ? undefined : statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw unknown(text)
  if (found.isDirectory())
    return { scheme: statSync(`${path}/oci-layout`, { throwIfNoEntry: false })?.isFile() ? 'image' : 'dir', value: path }
  if (/\.(?:tar|tgz|tar\.gz|tar\.zst)$/i.test(path)) return { scheme: 'image', value: path }
  if (/\.zip$/i.test(path)) return { scheme: 'archive', value: path }
  if (/\.(?:json|cdx|spdx|xml)$/i.test(path)) return { scheme: 'sbom', value: path }
  if (/\.(?:img|raw|qcow2|vmdk)$/i.test(path)) return { scheme: 'disk', value: path }
  throw new AppError(
    'invalid',
    `target ${text}: a file that looks like no image (.tar), no archive (.zip), no SBOM (.json, .xml, .spdx) and no disk (.img); say which with image:${text}, sbom:${text} or disk:${text}`,
  )
}

const unknown = (text: string) =>
  new AppError(
    'invalid',
    `unknown target "${text}": expected host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:[NAME], containerd:[NAME], archive:PATH, lambda:PATH, sbom:PATH or a path that exists`,
  )
