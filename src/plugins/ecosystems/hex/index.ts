import type { Ecosystem } from '../../../model/seams.ts'
import { application, metadata } from './installed.ts'
import { mixLock } from './mix-lock.ts'
import { rebarLock } from './rebar-lock.ts'

/** Packages of Elixir and Erlang, locked or installed, judged by the advisories of Hex under their name. */
export const hex = {
  id: 'hex',
  version: 1,
  title: 'Elixir and Erlang packages',
  purlTypes: ['hex'],
  scheme: 'semver',
  extractors: [mixLock, rebarLock, application, metadata],
  families: ['Hex'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'Hex', name, version }),
} satisfies Ecosystem
