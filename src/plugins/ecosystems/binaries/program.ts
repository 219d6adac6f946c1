import { gapsOf } from '../../../formats/problems.ts'
import { mayBeProgram, startsAsProgram, type Program, type ProgramBytes } from '../../../formats/program-file.ts'
import { readPrograms } from '../../../formats/program.ts'
import type { Component } from '../../../model/component.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extractor } from '../../../model/seams.ts'
import { genericComponent } from './component.ts'
import { knownIn } from './contents.ts'
import { known, starters } from './known.ts'
import { namesBinaries, packageNote } from './package-note.ts'

const ID = 'binaries/program'

/** Programs and libraries, whoever put them there: what some of them are, and that the others are there. */
export const program = {
  id: ID,
  version: 5,
  title: 'Programs that no package manager names',
  alone: true,
  wants: mayBeProgram,
  starts: startsAsProgram,
  async read(file) {
    const problems: string[] = []
    const components: Component[] = []
    let programs: readonly Program[] = []
    try {
      programs = await readPrograms(file)
    } catch (thrown) {
      problems.push(`begins as a program, and its headers cannot be read: ${reasonOf(thrown)}`)
    }
    let packed = false
    for (const one of programs) {
      packed ||= await isPacked(file, one)
      const found = await knownIn(file, one, known)
      if (found?.version !== undefined) components.push(genericComponent(found.name, found.version))
      else if (found !== undefined) problems.push(`this is ${found.name}, and its version was not found in it`)
      const noted = await packageNote(file, one).catch((thrown: unknown) => reasonOf(thrown))
      if (typeof noted === 'string') problems.push(`its package note cannot be read: ${noted}`)
      else if (noted !== undefined) {
        components.push(noted)
        if (namesBinaries(noted))
          problems.push(`built from the source package ${noted.name}: advisories that name other packages built from it are not applied`)
      }
    }
    if (packed) problems.push('packed by UPX: what is in it is unknown')
    const counts = programs.some(({ kind, needs }) => kind === 'program' && !needs.some((name) => starters.test(name)))
    return {
      occurrences: components.map((component) => ({ component, at: { path: file.path }, extractor: ID })),
      gaps: gapsOf(ID, file.path, problems),
      ...(counts ? { program: 'program' as const } : components.length > 0 && { program: 'library' as const }),
    }
  },
} satisfies Extractor

/** UPX takes the section table away and leaves its mark behind the headers, or names the sections of a PE. */
async function isPacked(file: ProgramBytes, { format, sections }: Program): Promise<boolean> {
  if (format === 'PE') return sections.some(({ name }) => name === 'UPX0')
  return format === 'ELF' && sections.length === 0 && Buffer.from(await file.range(0, 4_096)).includes('UPX!')
}
