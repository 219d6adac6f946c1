import { readElf } from './elf.ts'
import { readMachO } from './macho.ts'
import { readPe } from './pe.ts'
import { startsAsFat, startsAsMachO, type Program, type ProgramBytes } from './program-file.ts'

/** Several extractors ask the same file: its headers are read once. */
const known = new WeakMap<ProgramBytes, Promise<readonly Program[]>>()

/** The programs a file holds: one, several in a fat file of Apple's, none if it is no program at all. Throws for headers that cannot be. */
export function readPrograms(file: ProgramBytes): Promise<readonly Program[]> {
  const reading = known.get(file) ?? read(file)
  known.set(file, reading)
  return reading
}

async function read(file: ProgramBytes): Promise<readonly Program[]> {
  const head = await file.range(0, 8)
  if (head[0] === 0x7f) return [await readElf(file)]
  if (head[0] === 0x4d) return [await readPe(file)].filter((program) => program !== undefined)
  return startsAsMachO(head) || startsAsFat(head) ? await readMachO(file) : []
}
