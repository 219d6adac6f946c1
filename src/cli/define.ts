import type { Command } from 'commander'
import type { ExitCode } from './exit.ts'

/** What a command's file exports: fills in arguments, options and the action, which hands the exit code to `done`. */
export type Define = (command: Command, done: (code: ExitCode) => void) => void
