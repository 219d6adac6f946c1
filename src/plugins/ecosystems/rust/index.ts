import type { Ecosystem } from '../../../model/seams.ts'
import { cargoLock } from './cargo-lock.ts'
import { cargoToml } from './cargo-toml.ts'
import { program } from './program.ts'

/** Rust crates, locked, asked for or listed in a program, judged by the advisories of crates.io under their name. */
export const rust = {
  id: 'rust',
  version: 1,
  title: 'Rust crates',
  purlTypes: ['cargo'],
  scheme: 'semver',
  extractors: [cargoLock, cargoToml, program],
  families: ['crates.io'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'crates.io', name, version }),
} satisfies Ecosystem
