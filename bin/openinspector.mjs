#!/usr/bin/env node
// @ts-check
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs on old versions of Node too: it finds the project's own there, and hands over.
const root = dirname(dirname(fileURLToPath(import.meta.url)))
if (Number(process.versions.node.split('.')[0]) < 24) handOver()
else await start()

async function start() {
  // A repository builds itself; an installed package has no sources and brings what was built.
  if (existsSync(join(root, 'src'))) {
    const { stale } = await import('../scripts/freshness.mjs')
    /** @type {('server' | 'console')[]} */
    const wanted = process.argv.includes('serve') ? ['server', 'console'] : ['server']
    if (stale(wanted).length > 0) {
      const { build } = await import('../scripts/build.ts')
      await build(wanted, (line) => console.error(line)).catch((error) => fail(`the build failed: ${error.message}`))
    }
  }
  module.enableCompileCache(join(root, 'dist/.cache'))
  await import(join(root, 'dist/main.js'))
}

function handOver() {
  const child = spawn(projectNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    // A terminal has sent Ctrl-C to both of us already: the other one takes the two as one.
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => fail(`cannot run Node 24: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
}

function projectNode() {
  const name = `node-${process.platform}-${process.arch}`
  try {
    return join(dirname(module.createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node')
  } catch {
    return fail(`it needs Node 24 or later; this is Node ${process.versions.node}, and the package ${name} that would bring it is not installed.
Run \`npm ci\` again without --omit=optional, or install Node 24 from https://nodejs.org.`)
  }
}

/**
 * @param {string} why
 * @returns {never}
 */
function fail(why) {
  console.error(`openinspector: ${why}`)
  process.exit(5)
}
