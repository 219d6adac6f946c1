import { AppError } from '../../model/errors.ts'

/** The value that the JSON form of a document would have, as far as it is read; and how many lines are none of the format. */
export type TagValue = { readonly value: unknown; readonly broken: number }

type Package = {
  readonly name: string
  SPDXID?: string
  [member: string]: unknown
  readonly externalRefs: object[]
  readonly checksums: object[]
  readonly attributionTexts: string[]
  readonly annotations: object[]
}

/** Lines that may stand before the first tag: comments, and nothing. */
const LONGEST_HEAD = 1_000

/** Does the text begin as a tag-value document does? */
export function isTagValue(text: string): boolean {
  let from = 0
  for (let line = 0; line < LONGEST_HEAD && from < text.length; line++) {
    const end = endOfLine(text, from)
    const told = text.slice(from, Math.min(end, from + 200)).trim()
    if (told !== '' && !told.startsWith('#')) return told.startsWith('SPDXVersion:')
    from = end + 1
  }
  return false
}

/** SPDX 2.x in its tag-value form (2.3, annex on formats). Throws AppError `invalid` for a text without an end. */
export function fromTagValue(text: string): TagValue {
  const state: State = { document: {}, packages: [], relationships: [], licences: [], others: [], annotations: [], byId: new Map() }
  let broken = 0
  for (const { tag, value } of linesOf(text)) {
    // A file, a snippet or a licence begins: what follows is no package's.
    if (tag === 'FileName' || tag === 'SnippetSPDXID' || tag === 'LicenseID') delete state.open
    const member = members.get(tag)
    if (member !== undefined && state.open !== undefined) state.open[member] = value
    else if (tag === '' || tags.get(tag)?.(state, value) === false) broken++
  }
  const { document, packages, relationships, licences, others, annotations } = state
  const lists = { packages, relationships, externalDocumentRefs: others, hasExtractedLicensingInfos: licences, annotations }
  return { value: { ...document, ...lists }, broken }
}

type State = {
  readonly document: { spdxVersion?: string; name?: string }
  readonly packages: Package[]
  readonly relationships: object[]
  readonly licences: { readonly licenseId: string; name?: string }[]
  readonly others: string[]
  readonly annotations: object[]
  readonly byId: Map<string, Package>
  /** The package whose lines these are. */
  open?: Package
  /** What an annotation is about. */
  about?: string
}

/** What a line does; false: its value is not as it should be. Tags that are not here tell nothing that we keep. */
const tags: ReadonlyMap<string, (state: State, value: string) => boolean | void> = new Map<
  string,
  (state: State, value: string) => boolean | void
>([
  ['SPDXVersion', ({ document }, value) => void (document.spdxVersion = value)],
  ['DocumentName', ({ document }, value) => void (document.name = value)],
  ['ExternalDocumentRef', ({ others }, value) => void others.push(value)],
  [
    'PackageName',
    (state, name) => {
      state.open = { name, externalRefs: [], checksums: [], attributionTexts: [], annotations: [] }
      state.packages.push(state.open)
    },
  ],
  [
    'SPDXID',
    ({ open, byId }, value) => {
      if (open === undefined || open.SPDXID !== undefined) return
      open.SPDXID = value
      byId.set(value, open)
    },
  ],
  ['PackageAttributionText', ({ open }, value) => void open?.attributionTexts.push(value)],
  [
    'ExternalRef',
    ({ open }, value) => {
      const [, referenceType, referenceLocator] = /^\S+\s+(\S+)\s+(\S+)/.exec(value) ?? []
      if (referenceType === undefined) return false
      open?.externalRefs.push({ referenceType, referenceLocator })
      return true
    },
  ],
  [
    'PackageChecksum',
    ({ open }, value) => {
      const [, algorithm, checksumValue] = /^([\w-]+):\s*(\S+)/.exec(value) ?? []
      if (algorithm === undefined) return false
      open?.checksums.push({ algorithm, checksumValue })
      return true
    },
  ],
  [
    'Relationship',
    ({ relationships }, value) => {
      const [, spdxElementId, relationshipType, relatedSpdxElement] = /^(\S+)\s+(\S+)\s+(\S+)/.exec(value) ?? []
      if (spdxElementId === undefined) return false
      relationships.push({ spdxElementId, relationshipType, relatedSpdxElement })
      return true
    },
  ],
  ['LicenseID', ({ licences }, licenseId) => void licences.push({ licenseId })],
  [
    'LicenseName',
    ({ licences }, name) => {
      const last = licences.at(-1)
      if (last !== undefined) last.name = name
    },
  ],
  ['SPDXREF', (state, value) => void (state.about = value)],
  // It follows the line that names its subject.
  [
    'AnnotationComment',
    ({ annotations, byId, about = '' }, comment) => void (byId.get(about)?.annotations ?? annotations).push({ comment }),
  ],
])

/** Tags whose value is a member of the package. */
const members: ReadonlyMap<string, string> = new Map([
  ['PackageVersion', 'versionInfo'],
  ['PackageSummary', 'summary'],
  ['PackageSourceInfo', 'sourceInfo'],
  ['PackageLicenseDeclared', 'licenseDeclared'],
  ['PackageLicenseConcluded', 'licenseConcluded'],
  ['PrimaryPackagePurpose', 'primaryPackagePurpose'],
])

/** Each tag with its value, a text of several lines included; an empty tag for a line that is none. */
function* linesOf(text: string): Iterable<{ readonly tag: string; readonly value: string }> {
  const [begin, end] = ['<text>', '</text>']
  for (let from = 0; from < text.length; ) {
    const line = text.slice(from, endOfLine(text, from)).trim()
    const [, tag, value = ''] = /^([A-Za-z]+):(.*)$/s.exec(line) ?? []
    const told = value.trim()
    if (tag !== undefined && told.startsWith(begin)) {
      const opened = text.indexOf(begin, from) + begin.length
      const closed = text.indexOf(end, opened)
      if (closed === -1) throw new AppError('invalid', `not SPDX that can be read: the text of ${tag.slice(0, 100)} has no end`)
      yield { tag, value: text.slice(opened, closed).trim() }
      from = endOfLine(text, closed) + 1
      continue
    }
    if (tag !== undefined) yield { tag, value: told }
    else if (line !== '' && !line.startsWith('#')) yield { tag: '', value: line }
    from = endOfLine(text, from) + 1
  }
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at
}
