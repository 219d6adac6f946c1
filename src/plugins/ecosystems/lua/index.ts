import type { Ecosystem } from '../../../model/seams.ts'
import { luarocksLock } from './luarocks-lock.ts'
import { rockspec } from './rockspec.ts'

/** Rocks of Lua. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const lua = {
  id: 'lua',
  version: 1,
  title: 'Lua rocks',
  purlTypes: ['luarocks'],
  scheme: 'semver',
  extractors: [rockspec, luarocksLock],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
