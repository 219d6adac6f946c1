import type { FileEntry, ScanFile } from '../model/seams.ts'

/** A part of a program that has a name. */
export type Section = {
  readonly name: string
  /** Place in the file, and how much is there; 0 for what is only reserved in memory. */
  readonly offset: number
  readonly size: number
}

/** A part of a program that is mapped into memory. */
export type Segment = { readonly address: number; readonly offset: number; readonly size: number; readonly writable: boolean }

/** A program or library for one kind of machine; a file of Apple's may hold several. */
export type Program = {
  readonly format: 'ELF' | 'PE' | 'Mach-O'
  /** `other`: kernel modules, core files, objects that are not linked. */
  readonly kind: 'program' | 'library' | 'other'
  readonly bits: 32 | 64
  readonly little: boolean
  readonly sections: readonly Section[]
  readonly segments: readonly Segment[]
  /** The name by which others are linked with this library: SONAME, or the last part of Apple's install name. */
  readonly linkName?: string
  /** Link names of the libraries it is linked with (ELF). */
  readonly needs: readonly string[]
  /** The places of its notes (ELF). */
  readonly notes: readonly { readonly offset: number; readonly size: number }[]
}

/** What a reader of programs needs of a file. */
export type ProgramBytes = Pick<ScanFile, 'size' | 'range'>

/** More than these is no honest program: the largest we know have a few hundred. */
export const MOST_SECTIONS = 16_384
export const MOST_SEGMENTS = 4_096

/** Suffixes of what is no program whatever its permission bits say: on file systems without them every file may be run. */
const data = new Set(
  (
    'a abw adoc afm asc avi bash bat bin bmp bz2 c c32 cc cfg cfs class cmake cmd cnf conf cpp crt cs css csv cu cuh cxx dat db deb desktop diff doc el elc eot ' +
    'erl ex exs f90 fish gif gir go gz h hpp htm html i18n ico ini ipynb jar java jpeg jpg js json jsx kt la ld less lock lua m4 map md mjs mk ' +
    'ml mli mo mod mp3 mp4 o odt ogg otf page patch pc pdf pem pfb php pkg pl plist png po pm pod ppd properties proto ps1 pxd py pyc pyi pyo pyx qml R r ' +
    'rb rc rdb rds rdx rpm rs rst rules sample scss service sh snap sql sum svg swift t tcl tex texi tgz tif tiff tmpl toml ts tsx ttf txt vim war ' +
    'wav webp whl woff woff2 xcf xml xpm xsd xsl xz yaml yml zip zsh zst'
  ).split(' '),
)
/** Libraries and add-ons, which need not be executable to be used. */
const library = /\.(?:so(?:\.[\w.-]{1,40})?|dll|dylib|node|pyd|exe)$/

/** Whether an entry may be a program or a library of machine code; its first bytes tell. */
export function mayBeProgram(entry: FileEntry): boolean {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  if (dot > 0 && data.has(name.slice(dot + 1))) return false
  return library.test(name) || (name !== '' && (entry.mode & 0o111) !== 0)
}

/** ELF, PE (behind its DOS header), Mach-O, or several Mach-O in one file. */
export function startsAsProgram(head: Uint8Array): boolean {
  const [a, b, c, d] = head
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false
  if (a === 0x7f) return b === 0x45 && c === 0x4c && d === 0x46
  if (a === 0x4d && b === 0x5a) return head.length >= 64
  return startsAsMachO(head) || startsAsFat(head)
}

/** In either byte order, 32 and 64 bits. */
export function startsAsMachO([a, b, c, d]: Uint8Array): boolean {
  return (
    (a === 0xfe && b === 0xed && c === 0xfa && (d === 0xce || d === 0xcf)) ||
    ((a === 0xce || a === 0xcf) && b === 0xfa && c === 0xed && d === 0xfe)
  )
}

/** A Java class begins alike; where it has its version, which is 45 or more, a fat file has a count of machines. */
export function startsAsFat([a, b, c, d, ...rest]: Uint8Array): boolean {
  return (
    a === 0xca &&
    b === 0xfe &&
    c === 0xba &&
    (d === 0xbe || d === 0xbf) &&
    rest[0] === 0 &&
    rest[1] === 0 &&
    rest[2] === 0 &&
    rest[3]! > 0 &&
    rest[3]! < 32
  )
}

/** A part that lies in the file; undefined: the headers point outside of it. */
export async function partOf(file: ProgramBytes, offset: number, length: number): Promise<Uint8Array | undefined> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset + length > file.size) return undefined
  const bytes = await file.range(offset, length)
  return bytes.length === length ? bytes : undefined
}

/** The file's place of an address in memory; undefined: nothing of the file is there. */
export function placeOf(address: number, { segments }: Pick<Program, 'segments'>): number | undefined {
  const segment = segments.find((one) => address >= one.address && address < one.address + one.size)
  return segment && segment.offset + (address - segment.address)
}
