import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BASE, elfOf, fatOf, machOOf, peOf } from '../../test/programs.ts'
import { fileInMemory } from '../kit/scan-file.ts'
import { mayBeProgram, placeOf, startsAsProgram } from './program-file.ts'
import { readPrograms } from './program.ts'

const fileOf = (bytes: Uint8Array) => fileInMemory({ path: 'bin/x', size: bytes.length, mode: 0o755 }, bytes, 1 << 26)
const read = (bytes: Uint8Array) => readPrograms(fileOf(bytes))
const sections = { '.text': Buffer.from('code'), '.data': Buffer.from('some data') }
const named = async (bytes: Buffer) =>
  (await read(bytes)).map(({ format, kind, bits, little, sections: found }) => [
    [format, kind, bits, little ? 'little' : 'big'].join(' '),
    ...found
      .filter(({ size }) => size > 0)
      .map(({ name, offset, size }) => `${name} ${bytes.subarray(offset, offset + size).toString('latin1')}`),
  ])

describe('readPrograms', () => {
  it.each([
    [64, true],
    [64, false],
    [32, true],
    [32, false],
  ] as const)('reads ELF of %i bits, little-endian: %s', async (bits, little) => {
    const bytes = elfOf({ sections, bits, little })
    const order = little ? 'little' : 'big'
    expect(await named(bytes)).toEqual([
      [`ELF program ${bits} ${order}`, '.text code', '.data some data', '.shstrtab \0.text\0.data\0.shstrtab\0'],
    ])
    const [program] = await read(elfOf({ sections, bits, little, type: 3, soname: 'libx.so.1', needs: ['libc.so.6', 'libm.so.6'] }))
    expect([program?.kind, program?.linkName, program?.needs]).toEqual(['library', 'libx.so.1', ['libc.so.6', 'libm.so.6']])
  })
  it('reads ELF without a section table, by its segments', async () => {
    const bytes = elfOf({ sections, bare: true })
    const [program] = await read(bytes)
    expect([program?.sections, program?.segments.length]).toEqual([[], 1])
    expect(placeOf(BASE + 100, program!)).toBe(100)
    expect(placeOf(BASE + bytes.length + 1, program!)).toBe(undefined)
  })
  it.each([32, 64] as const)('reads PE of %i bits', async (bits) => {
    const bytes = peOf({ sections, bits })
    expect(await named(bytes)).toEqual([[`PE program ${bits} little`, `.text code${'\0'.repeat(12)}`, `.data some data${'\0'.repeat(7)}`]])
    const [program] = await read(bytes)
    expect(placeOf(program!.segments[1]!.address, program!)).toBe(program!.sections[1]!.offset)
  })
  it.each([true, false])('reads Mach-O, little-endian: %s', async (little) => {
    const order = little ? 'little' : 'big'
    expect(await named(machOOf({ sections, little }))).toEqual([[`Mach-O program 64 ${order}`, '.text code', '.data some data']])
  })
  it('reads each program of a fat file', async () => {
    const bytes = fatOf([machOOf({ sections: { a: Buffer.from('one') } }), machOOf({ sections: { b: Buffer.from('two') }, little: false })])
    expect(await named(bytes)).toEqual([
      ['Mach-O program 64 little', 'a one'],
      ['Mach-O program 64 big', 'b two'],
    ])
  })
  it('finds none in a DOS program, a Java class and a text', async () => {
    const dos = Buffer.alloc(128)
    dos.write('MZ')
    expect([await read(dos), await read(Buffer.from('cafebabe00000041', 'hex')), await read(Buffer.from('text'))]).toEqual([[], [], []])
  })
})

describe('programs that cannot be', () => {
  const damaged = (bytes: Buffer, at: number, put: readonly number[]) => {
    const copy = Buffer.from(bytes)
    Buffer.from(put).copy(copy, at)
    return copy
  }
  const elf = elfOf({ sections })
  const macho = machOOf({ sections })
  it.each<[string, Buffer, RegExp]>([
    ['an ELF header of another class', damaged(elf, 4, [7]), /expected an ELF header/],
    ['a cut ELF header', elf.subarray(0, 40), /expected an ELF header/],
    ['a section table behind the end', damaged(elf, 40, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), /sections does not lie in the file/],
    ['a section table at 2^63', damaged(elf, 40, [0, 0, 0, 0, 0, 0, 0, 0x80]), /sections does not lie in the file/],
    ['entries too small', damaged(elf, 58, [8, 0]), /expected entries of 64 bytes/],
    ['65535 sections', damaged(elf, 60, [0xff, 0xff]), /65535 sections, at most 16384/],
    ['65535 segments', damaged(elf, 56, [0xff, 0xff]), /65535 segments, at most 4096/],
    ['a PE whose sections are cut', damaged(peOf({ sections }), 64 + 6, [0xff, 0x00]), /255 sections does not lie/],
    ['a PE with endless sections', damaged(peOf({ sections }), 64 + 6, [0xff, 0xff]), /65535 sections, at most/],
    ['load commands without end', damaged(macho, 16, [0xff, 0xff, 0xff, 0xff]), /load commands/],
    ['a load command of no length', damaged(macho, 36, [0, 0, 0, 0]), /a load command of 0 bytes/],
    ['sections that do not fit', damaged(macho, 32 + 64, [0xff, 0xff, 0xff, 0xff]), /sections, which do not lie/],
    ['a fat file that is cut', Buffer.from('cafebabe0000001e', 'hex'), /its table of 30 machines/],
  ])('refuses %s', async (_, bytes, expected) => {
    await expect(read(bytes)).rejects.toThrow(expected)
  })
  it('throws an Error or answers, whatever is written over them, and asks for no more than is there', async () => {
    const all = [
      elf,
      elfOf({ sections, bits: 32, little: false, type: 3, soname: 'libx.so' }),
      peOf({ sections }),
      macho,
      fatOf([macho, macho]),
    ]
    const damage = fc.tuple(fc.constantFrom(...all), fc.nat(300), fc.uint8Array({ maxLength: 12 }))
    await fc.assert(
      fc.asyncProperty(damage, async ([bytes, at, put]) => {
        const programs = await read(damaged(bytes, at, [...put]).subarray(0, bytes.length)).catch((thrown: unknown) => thrown)
        if (programs instanceof Error) return
        for (const { sections: found } of programs as Awaited<ReturnType<typeof read>>)
          for (const { offset, size } of found) expect(size === 0 || offset + size <= bytes.length).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what may be a program', () => {
  const entry = (path: string, mode: number) => mayBeProgram({ path, size: 1, mode })
  it.each(['bin/x', 'opt/app/server', 'usr/lib/python3.11/x.py3', 'a/tool.v2'])('%s, if it may be run', (path) => {
    expect([entry(path, 0o755), entry(path, 0o644)]).toEqual([true, false])
  })
  it.each(['lib/libx.so', 'lib/libx.so.1.2', 'x.dll', 'a/b.node', 'tool.exe', 'libx.dylib'])('%s, in any mode', (path) => {
    expect(entry(path, 0o644)).toBe(true)
  })
  it.each(['a.py', 'doc/x.html', 'lib/x.jar', 'etc/x.conf', '', 'a/'])('not %j', (path) => expect(entry(path, 0o755)).toBe(false))
  it('knows a Java class from a fat file', () => {
    expect(startsAsProgram(Buffer.from('cafebabe00000041', 'hex'))).toBe(false)
    expect(startsAsProgram(Buffer.from('cafebabe00000002', 'hex'))).toBe(true)
  })
})
