import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readBoundedFile } from '../../../kit/bounded-file.ts'
import type { GitFacts } from '../../../model/resource.ts'
import { parseGitConfig, remoteOf, type GitConfig } from './git-config.ts'
import { commitOf, isRefName } from './git-refs.ts'

/** A git checkout: what its repository says of it, and the files whose change means that another state is checked out. */
export type Checkout = { readonly facts: GitFacts; readonly watch: readonly string[] }

/** Where git keeps what it knows of a checkout: its own state, and what all checkouts of the repository share. */
type Places = { readonly own: string; readonly common: string; readonly config: GitConfig }

const SMALL = 64 << 10
const CONFIG = 1 << 20

/**
 * What the repository of a folder says of its state, from its files alone: no git is run, for the configuration of a repository can make
 * that run programs. undefined: the folder is no checkout, or one that cannot be read (gitrepository-layout).
 */
export async function gitCheckout(folder: string): Promise<Checkout | undefined> {
  try {
    const places = await placesOf(folder)
    return places && { facts: await factsOf(places), watch: await headsOf(places) }
  } catch {
    return undefined // Facts are what is known; that nothing is, is no fault of the packages that are looked for.
  }
}

async function placesOf(folder: string): Promise<Places | undefined> {
  const dot = join(folder, '.git')
  const stat = await lstat(dot).catch(() => undefined)
  if (stat?.isDirectory()) return { own: dot, common: dot, config: await configIn(dot) }
  if (!stat?.isFile()) return undefined
  const named = /^gitdir: (.+?)\s*$/.exec((await readBoundedFile(dot, SMALL)).toString('utf8'))?.[1]
  if (named === undefined) return undefined
  const own = await realpath(resolve(folder, named))
  return (await worktree(folder, own)) ?? (await submodule(folder, own))
}

/** A further worktree of a repository elsewhere. Anybody can write a `.git` that leads there: it counts where that says the same. */
async function worktree(folder: string, own: string): Promise<Places | undefined> {
  const back = await lineOf(join(own, 'gitdir'))
  if (back === undefined || (await realpath(resolve(own, back)).catch(() => undefined)) !== join(folder, '.git')) return undefined
  const common = dirname(dirname(own))
  if (own !== join(common, 'worktrees', basename(own))) return undefined
  return { own, common, config: await configIn(common) }
}

/** A submodule, whose repository lies in that of the checkout around it and says where it is checked out. */
async function submodule(folder: string, own: string): Promise<Places | undefined> {
  const config = await configIn(own)
  const back = config.get('core.worktree')
  if (back === undefined || (await realpath(resolve(own, back)).catch(() => undefined)) !== folder) return undefined
  return { own, common: own, config }
}

async function configIn(common: string): Promise<GitConfig> {
  return parseGitConfig((await readBoundedFile(join(common, 'config'), CONFIG)).toString('utf8'))
}

async function factsOf({ own, common, config }: Places): Promise<GitFacts> {
  const head = (await lineOf(join(own, 'HEAD'))) ?? ''
  const ref = /^ref: *(\S+)$/.exec(head)?.[1]
  const named = ref !== undefined && isRefName(ref) ? ref : undefined
  const commit = await commitOf(common, named ?? head)
  const branch = named?.startsWith('refs/heads/') ? named.slice('refs/heads/'.length) : undefined
  const remote = remoteOf(config, branch)
  return { ...(commit !== undefined && { commit }), ...(branch !== undefined && { branch }), ...(remote !== undefined && { remote }) }
}

/** HEAD is written when another branch is checked out, its log with each commit. */
async function headsOf({ own }: Places): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of [join(own, 'HEAD'), join(own, 'logs/HEAD')]) if ((await lstat(path).catch(() => undefined))?.isFile()) found.push(path)
  return found
}

async function lineOf(path: string): Promise<string | undefined> {
  const text = await readBoundedFile(path, SMALL).catch(() => undefined)
  return text?.toString('utf8').replace(/\n$/, '')
}
