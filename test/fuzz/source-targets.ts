import { isRefName } from '../../src/plugins/sources/directory/git-refs.ts'
import { parseGitConfig, remoteOf } from '../../src/plugins/sources/directory/git-config.ts'
import { parseChallenges } from '../../src/plugins/sources/registry/challenge.ts'
import { parseReference, referenceWords } from '../../src/plugins/sources/registry/reference.ts'
import { Broken, type FuzzTarget } from './target.ts'

/** What sources read beside the files of a target: answers of registries, configuration of repositories, names. */
export function sourceTargets(): readonly FuzzTarget[] {
  return [
    text('git-config', gitConfigs, (given) => {
      const config = parseGitConfig(given)
      const remote = remoteOf(config, 'main')
      const authority = remote?.replace(/^[a-z+]+:\/\/([^/]*)\/.*$|^\/.*$/s, '$1') ?? ''
      if (/[@?#]/.test(authority) || (remote?.length ?? 0) > 2_100) throw new Broken(`told of a remote: ${remote}`)
      return [[...config], remote]
    }),
    text('git-ref-name', ['refs/heads/main', 'refs/tags/v1.0@{1}', 'refs/heads/a.lock/b'], (given) => {
      if (isRefName(given) && given.split('/').includes('..')) throw new Broken('a name that leads out')
      return isRefName(given)
    }),
    text('challenge', challenges, (given) => parseChallenges(given)),
    text('registry-reference', references, (given) => {
      const reference = parseReference(given)
      const again = parseReference(referenceWords(reference))
      if (again.host !== reference.host || again.name !== reference.name || again.tag !== reference.tag)
        throw new Broken(`written and read again it is ${referenceWords(again)}`)
      if (!URL.canParse(`https://${reference.host}`)) throw new Broken('a host that is none')
      return reference
    }),
  ]
}

const text = (id: string, seeds: readonly string[], read: (given: string) => unknown): FuzzTarget => ({
  id: `sources/${id}`,
  seeds: seeds.map((seed) => Buffer.from(seed)),
  shape: 'text',
  run: async (input) => read(input.toString('utf8')),
})

const gitConfigs = [
  '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://ann:hunter2@git.example.org/shop.git?key=hunter2\n[branch "main"]\n\tremote = fork\n',
  '[remote "fork"] ; one\n\turl = "git@git.example.org:ann/\\\nshop" # two\n[Remote.old]\nfetch\nurl=x\n',
  '[remote "a\\"b\\\\"]\nurl = \\t/srv/git\n[remote "origin"]\nurl = ext::sh -c hunter2\n',
]
const challenges = [
  'Bearer realm="https://auth.example.org/token",service="shop",scope="repository:shop/app:pull"',
  'Negotiate abc==, Basic realm="sh\\"op", Digest qop=auth , nonce = "1"',
]
const references = [
  'alpine',
  'registry.example.org:5000/team/app_x/a--b:v1.0_rc?platform=linux/arm/v7',
  `[::1]:5000/app@sha256:${'0'.repeat(64)}?platform=all`,
  'localhost/a.b/c__d:latest',
]
