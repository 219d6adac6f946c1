import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitCheckout } from './git-checkout.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
let top: string
let folder: string
beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'oi-git-')))
  folder = join(top, 'shop')
  await put('config', '[core]\n\tbare = false\n')
  await put('HEAD', 'ref: refs/heads/main\n')
})
afterEach(async () => {
  await rm(top, { recursive: true })
})

/** Writes a file below `.git`. */
async function put(path: string, content: string, git = join(folder, '.git')): Promise<void> {
  await mkdir(join(git, path, '..'), { recursive: true })
  await writeFile(join(git, path), content)
}
const facts = async (at = folder) => (await gitCheckout(at))?.facts

const git = (() => {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' })
    return (at: string, ...args: string[]) => {
      const env = { PATH: process.env['PATH'], HOME: top, GIT_CONFIG_NOSYSTEM: '1', GIT_ALLOW_PROTOCOL: 'file' }
      const settings = ['user.name=Ann', 'user.email=ann@example.org', 'init.defaultBranch=main'].flatMap((one) => ['-c', one])
      return execFileSync('git', ['-C', at, ...settings, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    }
  } catch {
    return undefined
  }
})()

describe.skipIf(git === undefined)(`a checkout that git made${git === undefined ? ' (skipped: git is not on this machine)' : ''}`, () => {
  const commit = (at: string, words: string) => git!(at, 'commit', '--allow-empty', '-m', words)
  const head = (at: string) => git!(at, 'rev-parse', 'HEAD')
  beforeEach(async () => {
    await rm(folder, { recursive: true })
    await mkdir(folder)
    git!(folder, 'init')
    git!(folder, 'remote', 'add', 'origin', 'https://ann:hunter2@git.example.org/shop.git?key=hunter2')
  })
  const remote = 'https://git.example.org/shop.git'

  it('is told by its branch and commit, before and after the first, packed or not', async () => {
    expect(await facts()).toEqual({ branch: 'main', remote })
    commit(folder, 'first')
    expect(await facts()).toEqual({ commit: head(folder), branch: 'main', remote })
    git!(folder, 'checkout', '-b', 'feature/a-b')
    commit(folder, 'second')
    git!(folder, 'pack-refs', '--all')
    expect(await facts()).toEqual({ commit: head(folder), branch: 'feature/a-b', remote })
    commit(folder, 'third')
    expect(await facts()).toEqual({ commit: head(folder), branch: 'feature/a-b', remote })
  })

  it('without a branch is told by its commit', async () => {
    commit(folder, 'first')
    git!(folder, 'checkout', '--detach')
    expect(await facts()).toEqual({ commit: head(folder), remote })
  })

  it('with hashes of SHA-256 is, too', async () => {
    await rm(folder, { recursive: true })
    await mkdir(folder)
    git!(folder, 'init', '--object-format=sha256')
    commit(folder, 'first')
    expect(head(folder)).toHaveLength(64)
    expect(await facts()).toEqual({ commit: head(folder), branch: 'main' })
  })

  it('follows the remote of its branch', async () => {
    commit(folder, 'first')
    git!(folder, 'remote', 'add', 'fork', 'git@git.example.org:ann/shop.git')
    git!(folder, 'config', 'branch.main.remote', 'fork')
    expect(await facts()).toMatchObject({ remote: 'git.example.org:ann/shop.git' })
  })

  it('in a further worktree, and of a submodule, has a state of its own', async () => {
    commit(folder, 'first')
    const first = head(folder)
    const other = join(top, 'other')
    git!(folder, 'worktree', 'add', '-b', 'fix', other)
    commit(other, 'second')
    expect(await facts(other)).toEqual({ commit: head(other), branch: 'fix', remote })
    expect(await facts()).toEqual({ commit: first, branch: 'main', remote })
    const around = join(top, 'around')
    await mkdir(around)
    git!(around, 'init')
    git!(around, '-c', 'protocol.file.allow=always', 'submodule', 'add', folder, 'libs/shop')
    const inner = join(around, 'libs/shop')
    expect(await facts(inner)).toEqual({ commit: head(inner), branch: 'main', remote: folder })
  })

  it('names what to watch: where HEAD is, and its log', async () => {
    commit(folder, 'first')
    expect((await gitCheckout(folder))?.watch).toEqual([join(folder, '.git/HEAD'), join(folder, '.git/logs/HEAD')])
  })
})

describe('a repository that strangers wrote', () => {
  it('is none without .git', async () => {
    expect(await gitCheckout(top)).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['no hash', 'xyz'],
    ['a hash that is too long', '1'.repeat(41)],
    ['a name that leads out', 'ref: ../../../etc/hostname'],
    ['a name that leads out of refs', 'ref: refs/../../../outside'],
    ['a name with what git allows none', 'ref: refs/heads/a\u001b[2J'],
    ['the name of refs in tables', 'ref: refs/heads/.invalid'],
    ['endless text', `ref: refs/heads/${'a'.repeat(1 << 20)}`],
    ['a name that is too long', `ref: refs/heads/${'a/'.repeat(600)}a`],
  ])('with %s as its HEAD has no commit and no branch', async (_, head) => {
    await put('HEAD', head)
    await writeFile(join(top, 'outside'), `${one}\n`)
    expect(await facts()).toEqual({})
  })

  it('whose refs stand for one another follows them, but not round in circles', async () => {
    await put('refs/heads/main', 'ref: refs/heads/other\n')
    await put('refs/heads/other', `${one}\n`)
    expect(await facts()).toEqual({ commit: one, branch: 'main' })
    await put('refs/heads/other', 'ref: refs/heads/main\n')
    expect(await facts()).toEqual({ branch: 'main' })
  })

  it('is read nowhere else: neither through links nor by a .git that leads to another', async () => {
    await put('HEAD', `${two}\n`, join(top, 'victim/.git'))
    await put('config', '[remote "origin"]\n\turl = https://git.example.org/secret.git\n', join(top, 'victim/.git'))
    await put('secret', `${two}\n`, join(top, 'victim/.git/refs/heads'))
    await mkdir(join(folder, '.git/refs/heads'), { recursive: true })
    await symlink(join(top, 'victim/.git/refs/heads/secret'), join(folder, '.git/refs/heads/main'))
    expect(await facts()).toEqual({ branch: 'main' })
    await rm(join(folder, '.git/refs'), { recursive: true })
    await symlink(join(top, 'victim/.git/refs'), join(folder, '.git/refs'))
    await put('HEAD', 'ref: refs/heads/secret\n')
    expect(await facts()).toEqual({ branch: 'secret' })
    await rm(join(folder, '.git/HEAD'))
    await symlink(join(top, 'victim/.git/HEAD'), join(folder, '.git/HEAD'))
    expect(await facts()).toEqual({})
    await rm(join(folder, '.git/config'))
    await symlink(join(top, 'victim/.git/config'), join(folder, '.git/config'))
    expect(await gitCheckout(folder)).toBeUndefined()
    await rm(join(folder, '.git'), { recursive: true })
    await symlink(join(top, 'victim/.git'), join(folder, '.git'))
    expect(await gitCheckout(folder)).toBeUndefined()
    await rm(join(folder, '.git'))
    for (const lead of ['../victim/.git', join(top, 'victim/.git'), '.', '', '/dev/zero', 'x'.repeat(70_000)]) {
      await writeFile(join(folder, '.git'), `gitdir: ${lead}\n`)
      expect(await gitCheckout(folder)).toBeUndefined()
    }
  })

  it('with many packed refs is looked through, and no further than there is', async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `${two} refs/heads/b${at}\n^${two}\n`)
    const odd = `${two} refs/heads/main2\n${two} refs/heads/xrefs/heads/main\nno-hash refs/heads/odd\n`
    await put('packed-refs', `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}${odd}${one} refs/heads/main\n`)
    expect(await facts()).toEqual({ commit: one, branch: 'main' })
    await put('HEAD', 'ref: refs/heads/odd\n')
    expect(await facts()).toEqual({ branch: 'odd' })
    await truncate(join(folder, '.git/packed-refs'), 100_000_000)
    await put('HEAD', 'ref: refs/heads/gone\n')
    expect(await facts()).toEqual({ branch: 'gone' })
  })
})

describe('where it is fetched from', () => {
  const remoteFor = async (config: string) => {
    await put('config', config)
    return (await facts())?.remote
  }

  it.each([
    ['https://git.example.org/shop.git', 'https://git.example.org/shop.git'],
    ['https://hunter2@git.example.org:8443/shop?token=hunter2#hunter2', 'https://git.example.org:8443/shop'],
    ['ssh://git@git.example.org:22/shop', 'ssh://git.example.org:22/shop'],
    ['git@[2001:db8::1]:shop.git', '[2001:db8::1]:shop.git'],
    ['hunter2@git.example.org:a/b c', undefined],
    ['git.example.org:~ann/shop', 'git.example.org:~ann/shop'],
    ['https:/ann:hunter2@git.example.org/shop', undefined],
    ['https:ann?key=hunter2', undefined],
    ['/srv/git/shop.git', '/srv/git/shop.git'],
    ['file:///srv/git/shop.git', 'file:///srv/git/shop.git'],
    ['ext::sh -c hunter2', undefined],
    ['vault://hunter2/shop', undefined],
    ['https://', undefined],
    ['', undefined],
  ])('is %j as %j', async (url, expected) => {
    expect(await remoteFor(`[remote "origin"]\n\turl = ${url}\n`)).toBe(expected)
  })

  it.each([
    [
      'with quotes, comments and lines that go on',
      '[Remote "origin"] # the first\n URL = "https://git.exam\\\nple.org/a#b"; and more\n',
      'https://git.example.org/a',
    ],
    ['by its only remote', '[remote "up\\"stream"]\nurl=https://git.example.org/a\n', 'https://git.example.org/a'],
    ['by none of two', '[remote "a"]\nurl=https://a.example.org/\n[remote "b"]\nurl=https://b.example.org/\n', undefined],
    [
      'by the last of two that say it',
      '[remote "origin"]\nurl=https://a.example.org/\nurl=https://b.example.org/\n',
      'https://b.example.org/',
    ],
    ['not through another file', `[include]\npath=${'/etc/passwd'}\n[remote "origin"]\npushurl=https://a.example.org/\n`, undefined],
    ['of a section that never ends', `[remote "${'\\"'.repeat(300_000)}\nurl=https://a.example.org/\n`, undefined],
    ['of a value that goes on and on', `[remote "origin"]\nurl=${'a\\\n'.repeat(200_000)}`, undefined],
  ])('is read %s', async (_, config, expected) => {
    expect(await remoteFor(config)).toBe(expected)
  })

  it('is not read from a file that is too large', async () => {
    await put('config', '')
    await truncate(join(folder, '.git/config'), 2 << 20)
    expect(await gitCheckout(folder)).toBeUndefined()
    expect((await readFile(join(folder, '.git/HEAD'), 'utf8')).trim()).toBe('ref: refs/heads/main')
  })
})
