import { gapsOf, quoted } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import { childOf, childrenOf, readXml } from '../../../formats/xml.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { readDeployData } from './deploy-data.ts'

const PLACE = /^((?:.*\/)?flatpak\/)(app|runtime)\/([^/]+)\/([^/]+)\/([^/]+)\/([0-9a-f]{64})\/deploy$/

/** What is deployed at `flatpak/KIND/ID/ARCH/BRANCH/COMMIT` (flatpak's "Under the Hood"); all below belongs to it. */
export const deployed = {
  id: 'flatpak/deployed',
  version: 1,
  title: 'Flatpak applications and runtimes',
  names: ['deploy'],
  wants: ({ path }) => path.endsWith('/deploy') && PLACE.test(path),
  async read(file, near) {
    const [, root = '', kind = '', id = '', arch = '', branch = '', commit = ''] = PLACE.exec(file.path) ?? []
    const told = (reason: string) => ({ occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) })
    const data = readDeployData(await file.bytes())
    if (data === undefined) return told('expected what flatpak writes of a deployment')
    if (data.commit !== commit) return told(`expected the deployment of the commit in the path, got ${quoted(data.commit)}`)
    const problems: string[] = []
    const version = await versionOf({ folder: parentOf(file.path), kind, id, branch, commit }, data.text('appdata-version'), near, problems)
    const component = componentOf(id, version, arch)
    if (component === undefined)
      return told(`expected a name, an architecture and a branch in the path, got ${quoted(`${id}/${arch}/${branch}`)}`)
    const needs = await runtimeOf(root, data.text('runtime'), near)
    const licence = data.text('appdata-license')
    const occurrence = {
      component,
      at: { path: file.path },
      extractor: this.id,
      // a runtime may have come with an application
      ...(kind === 'app' && { direct: true }),
      ...(needs !== undefined && { dependsOn: [needs.purl] }),
      ...(licence !== undefined && licence !== '' && { licences: [licence] }),
    }
    return { occurrences: [occurrence], gaps: gapsOf(this.id, file.path, problems), covers: true }
  },
} satisfies Extractor

type Deployment = { readonly folder: string; readonly kind: string; readonly id: string; readonly branch: string; readonly commit: string }

/** What its publisher calls the release; a runtime's branch is its version. Of an application that says none only the commit is known. */
async function versionOf(
  { folder, kind, id, branch, commit }: Deployment,
  given: string | undefined,
  near: Pick<FileTree, 'open'>,
  problems: string[],
): Promise<string> {
  const told = given ?? (kind === 'app' ? await releaseOf(folder, id, near, problems) : undefined)
  if (told !== undefined && isWord(told)) return told
  if (told !== undefined) problems.push(`expected a version in one word, got ${quoted(told)}`)
  return kind === 'runtime' ? branch : commit
}

/** The newest release of AppStream's metadata ("Releases": the newest comes first), for deployments of a remote without a catalogue. */
async function releaseOf(folder: string, id: string, near: Pick<FileTree, 'open'>, problems: string[]): Promise<string | undefined> {
  for (const path of [
    `files/share/metainfo/${id}.metainfo.xml`,
    `files/share/metainfo/${id}.appdata.xml`,
    `files/share/appdata/${id}.appdata.xml`,
  ]) {
    const text = await (await near.open(`${folder}/${path}`))?.text()
    if (text === undefined) continue
    const component = await readXml(text).catch(() => undefined)
    if (component === undefined) problems.push(`${path} cannot be read: the version of the application is unknown`)
    return childrenOf(childOf(component, 'releases'), 'release')[0]?.attributes['version']
  }
  return undefined
}

/** `ID/ARCH/BRANCH` of the runtime that an application runs on, as it is deployed there. */
async function runtimeOf(root: string, ref: string | undefined, near: Pick<FileTree, 'open'>): Promise<Component | undefined> {
  const [, id, arch, branch] = /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(ref ?? '') ?? []
  if (id === undefined || arch === undefined || branch === undefined) return undefined
  const data = await (await near.open(`${root}runtime/${ref}/active/deploy`))?.bytes()
  const given = data && readDeployData(data)?.text('appdata-version')
  return componentOf(id, given !== undefined && isWord(given) ? given : branch, arch)
}

function componentOf(id: string, version: string, arch: string): Component | undefined {
  if (!/^[\w][\w.-]{0,254}$/.test(id) || !/^\w{1,40}$/.test(arch) || !isWord(version)) return undefined
  return { purl: purlOf('flatpak', undefined, id, version), type: 'flatpak', name: id, version, arch }
}

const isWord = (text: string): boolean => /^[!-~]{1,200}$/.test(text)
