import { describe, expect, it } from 'vitest'
import { npm } from '../src/plugins/ecosystems/npm/index.ts'
import { carriers, type Carrier, type Put } from './carriers.ts'

/** What is seen beside the good packages: packages and their places, and gaps; or the words in which all of it is refused. */
type Seen =
  | { readonly found?: readonly string[]; readonly gaps?: readonly string[] }
  | { readonly refused: string }
  | { readonly cannot: string }
type Family = Carrier['family']
type Row = {
  readonly name: string
  readonly put: readonly Put[]
  /** Why that is right, and what each family of carriers shows of it; `others` for those not named. Nothing: it is ignored. */
  readonly why: string
  readonly seen: Partial<Readonly<Record<Family | 'others', Seen>>>
}

const at = 'srv/node_modules/evil/package.json'
const good = (name: string): Put => ({ name: `srv/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.0.0' }) })
const evil = (name: string = at, version = '1.0.0'): Put => ({ name, content: JSON.stringify({ name: 'evil', version }) })
const nothing: Seen = {}
const noName: Seen = { cannot: 'no name in a folder' }
const noLink: Seen = { cannot: 'no link between folders of two file systems, nor to nothing' }
const zipLess: Seen = { cannot: 'zip has no such entries' }
const deep = `${'d/'.repeat(150)}node_modules/evil/package.json`
const tooDeep = (path: string): Seen => ({ gaps: [`${path}: more than 128 folders deep: not looked at`] })
const folderTooDeep = tooDeep('d/'.repeat(129).slice(0, -1))
const out = (of: string): Seen => ({
  gaps: ['../node_modules/evil/package.json', 'srv/../../node_modules/evil/package.json'].map(
    (path) => `${path}: its path leads out of the ${of}: not looked at`,
  ),
})

const rows: readonly Row[] = [
  {
    name: 'names that lead out',
    put: [evil('../node_modules/evil/package.json'), evil('srv/../../node_modules/evil/package.json')],
    why: 'nothing is written anywhere, and where such a file would come to lie nobody can say',
    seen: {
      others: out('archive'),
      layers: out('image'),
      docker: { refused: 'names a file that leads out of its layer: "../node_modules/evil/package.json"' },
      folder: noName,
      ext: noName,
      xfs: noName,
    },
  },
  {
    name: 'absolute names',
    put: [evil('/node_modules/evil/package.json')],
    why: 'tools that unpack take them from the root of what they unpack',
    seen: { others: { found: ['evil@1.0.0 node_modules/evil/package.json'] }, folder: noName, ext: noName, xfs: noName },
  },
  {
    name: 'symbolic links out, to a file and to a folder',
    put: [
      { name: at, symlink: '../../../../../../../../etc/hostname' },
      { name: 'srv/node_modules/abs', symlink: '/etc' },
    ],
    why: 'links are never listed as files, and never followed out of the root',
    seen: { others: nothing },
  },
  {
    name: 'symbolic links in circles',
    put: [
      { name: 'srv/node_modules/evil', symlink: 'evil' },
      { name: 'a', symlink: 'b' },
      { name: 'b', symlink: 'a' },
    ],
    why: 'links are never entered',
    seen: { others: nothing },
  },
  {
    name: 'files below a link that leads out',
    put: [{ name: 'out', symlink: '/elsewhere' }, evil('out/node_modules/evil/package.json')],
    why: 'in an image it lies where the link leads inside of it, as container tools unpack it; an archive has no root in which it would lead anywhere',
    seen: {
      others: { gaps: ['out/node_modules/evil/package.json: lies below what the archive says is no folder: not looked at'] },
      layers: { found: ['evil@1.0.0 elsewhere/node_modules/evil/package.json'] },
      docker: { refused: 'the folder of "out/node_modules/evil/package.json" is not there, or is a link' },
      folder: noName,
      ext: noName,
      xfs: noName,
    },
  },
  {
    name: 'hard links out',
    put: [{ name: at, link: '../../etc/passwd' }],
    why: 'a hard link is another name of a file of the archive, and of nothing else',
    seen: {
      others: { gaps: [`${at}: a hard link to what is no file of the archive: not read`] },
      layers: { gaps: [`${at}: a hard link to what is not a file of the same layer: not read`] },
      docker: { gaps: [`${at}: a hard link to what is not a file of the same layer: not read`] },
      zip: zipLess,
      lambda: zipLess,
      folder: noLink,
      ext: noLink,
      xfs: noLink,
    },
  },
  {
    name: 'hard links to nothing, and to themselves',
    put: [
      { name: at, link: 'nowhere' },
      { name: 'node_modules/evil/package.json', link: 'node_modules/evil/package.json' },
    ],
    why: 'what they hold is not there',
    seen: {
      others: {
        gaps: [
          'node_modules/evil/package.json: a hard link to what is no file of the archive: not read',
          `${at}: a hard link to what is no file of the archive: not read`,
        ],
      },
      layers: {
        gaps: [
          'node_modules/evil/package.json: a hard link to what is not a file of the same layer: not read',
          `${at}: a hard link to what is not a file of the same layer: not read`,
        ],
      },
      docker: {
        gaps: [
          'node_modules/evil/package.json: a hard link to what is not a file of the same layer: not read',
          `${at}: a hard link to what is not a file of the same layer: not read`,
        ],
      },
      zip: zipLess,
      lambda: zipLess,
      folder: noLink,
      ext: noLink,
      xfs: noLink,
    },
  },
  {
    name: 'hard links inside',
    put: [{ name: at, link: 'srv/node_modules/first/package.json' }],
    why: 'it is the same file under another name',
    seen: { others: { found: [`first@1.0.0 ${at}`] }, zip: zipLess, lambda: zipLess, xfs: { cannot: 'a list for mkfs.xfs says none' } },
  },
  {
    name: 'devices',
    put: [{ name: at, type: 'character-device' }],
    why: 'they are no files, and are never opened',
    seen: { others: nothing, folder: { cannot: 'only root makes one' }, ext: { cannot: 'only root makes one' } },
  },
  { name: 'pipes', put: [{ name: at, type: 'fifo' }], why: 'they are no files, and are never opened', seen: { others: nothing } },
  {
    name: 'sockets',
    put: [{ name: at, socket: true }],
    why: 'they are no files, and are never opened',
    seen: {
      others: nothing,
      tar: { cannot: 'tar has no such entries' },
      layers: { cannot: 'tar has no such entries' },
      docker: { cannot: 'tar has no such entries' },
      xfs: { cannot: 'a list for mkfs.xfs says none' },
    },
  },
  {
    name: 'a name twice',
    put: [evil(), evil(at, '2.0.0')],
    why: 'every tool that unpacks tar ends with the last; of zip some take the first',
    seen: {
      others: { found: [`evil@2.0.0 ${at}`] },
      zip: { found: [`evil@2.0.0 ${at}`], gaps: [`${at}: listed twice: the last of the two was looked at`] },
      lambda: { found: [`evil@2.0.0 ${at}`], gaps: [`${at}: listed twice: the last of the two was looked at`] },
      docker: { refused: 'uncompressed content is damaged' },
      folder: noName,
      ext: noName,
      xfs: noName,
    },
  },
  {
    name: 'names that differ by case only',
    put: [evil('srv/node_modules/Evil/package.json'), evil()],
    why: 'to Linux they are two files',
    seen: { others: { found: ['evil@1.0.0 srv/node_modules/Evil/package.json', `evil@1.0.0 ${at}`] } },
  },
  {
    name: 'a file that is a folder, too',
    put: [{ name: 'srv/node_modules/evil', content: '' }, evil()],
    why: 'one of the two is a lie; an image that holds both may come out either way, and is told with what may be in it',
    seen: {
      others: { gaps: [`${at}: lies below what the archive says is no folder: not looked at`] },
      layers: { found: [`evil@1.0.0 ${at}`] },
      docker: { refused: 'cannot be read: ENOTDIR' },
      folder: noName,
      ext: noName,
      xfs: noName,
    },
  },
  {
    name: 'folders without end',
    put: [evil(deep)],
    why: 'nobody installs that deep',
    seen: { others: tooDeep(deep), folder: folderTooDeep, ext: folderTooDeep, xfs: folderTooDeep },
  },
  {
    name: 'names that play tricks',
    put: [evil('srv/node_modules/evil\n/package.json'), evil('srv/node_modules/\u202eevil/package.json')],
    why: 'a name is a name; whoever shows it makes it harmless',
    seen: {
      others: { found: ['evil@1.0.0 srv/node_modules/evil\n/package.json', 'evil@1.0.0 srv/node_modules/\u202eevil/package.json'] },
      xfs: { cannot: 'a list for mkfs.xfs says none' },
    },
  },
  {
    name: 'a file larger than is read',
    put: [{ name: at, content: Buffer.alloc((64 << 20) + 1) }],
    why: 'no package.json is; it is told, and the others are read',
    seen: {
      others: { gaps: [`${at}: ${at}: 67108865 bytes, at most 67108864 of one file are read`] },
      layers: { gaps: [`${at}: 67108865 bytes, at most 67108864 of one file are read`] },
      docker: { gaps: [`${at}: 67108865 bytes, at most 67108864 of one file are read`] },
      folder: { gaps: [`${at}: ${at} is too large: 67108865 bytes or more, at most 67108864 are read`] },
      ext: { gaps: [`${at}: ${at} is too large: 67108865 bytes or more, at most 67108864 are read`] },
      xfs: { cannot: 'larger than the disk that is made here' },
    },
  },
  {
    name: 'a file of nothing but holes',
    put: [{ name: at, hole: 2 ** 40 }],
    why: 'its size is what counts, not what is stored',
    seen: {
      others: { cannot: 'what an archive stores with holes is of a type of its own: see below' },
      folder: { gaps: [`${at}: ${at} is too large: 1099511627776 bytes or more, at most 67108864 are read`] },
      ext: { gaps: [`${at}: ${at} is too large: 1099511627776 bytes or more, at most 67108864 are read`] },
    },
  },
  {
    name: 'a file stored with holes',
    put: [{ ...evil(), pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' } }],
    why: 'what is stored is not its content',
    seen: {
      others: { cannot: 'tar alone has such entries' },
      tar: { gaps: [`${at}: ${at} is stored as a sparse file: not read`] },
      layers: { gaps: [`${at}: stored as a sparse file: not read`] },
      docker: { gaps: [`${at}: stored as a sparse file: not read`] },
    },
  },
]

describe.each(rows)('$name: $why', ({ put, seen }) => {
  for (const carrier of carriers) {
    const expected = seen[carrier.family] ?? seen.others!
    const cannot = 'cannot' in expected ? expected.cannot : carrier.lacks
    it.skipIf(cannot !== undefined)(`${carrier.name}${cannot === undefined ? '' : ` (skipped: ${cannot})`}`, async () => {
      expect(await seenOf(carrier, [good('first'), ...put, good('last')])).toEqual(
        'refused' in expected ? { refused: expect.stringContaining(expected.refused) } : { lost: [], found: [], gaps: [], ...expected },
      )
    })
  }
})

/** Where Lambda shows what lies at the root of its archives. */
const mount = /^(?:var\/task|opt)\//

async function seenOf(carrier: Carrier, entries: readonly Put[]): Promise<unknown> {
  try {
    const { occurrences, gaps } = await carrier.look(entries, npm.extractors)
    const short = (path: string) => (carrier.family === 'lambda' ? path.replace(mount, '') : path)
    const all = occurrences.map(({ component: { name, version }, at: { path } }) => `${name}@${version} ${short(path)}`)
    const ours = ['first', 'last'].map((name) => `${name}@1.0.0 srv/node_modules/${name}/package.json`)
    return {
      lost: ours.filter((one) => !all.includes(one)),
      found: all.filter((one) => !ours.includes(one)),
      gaps: gaps
        .map(({ path, reason }) => `${short(path)}: ${carrier.family === 'lambda' ? reason.replace(/(?:var\/task|opt)\//, '') : reason}`)
        .sort(),
    }
  } catch (thrown) {
    return { refused: (thrown as Error).message }
  }
}
