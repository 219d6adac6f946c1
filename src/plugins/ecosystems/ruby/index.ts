import type { Ecosystem } from '../../../model/seams.ts'
import { gemfileLock } from './gemfile-lock.ts'
import { installed } from './installed.ts'

/** Ruby gems, locked or installed, judged by the advisories of RubyGems. */
export const ruby = {
  id: 'ruby',
  version: 1,
  title: 'Ruby gems',
  purlTypes: ['gem'],
  scheme: 'rubygems',
  extractors: [gemfileLock, installed],
  families: ['RubyGems'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'RubyGems', name, version }),
} satisfies Ecosystem
