import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser']
const switches = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--headless=shell']

/** A real browser: the one from npm, else Debian's. Throws, saying what was tried: without a browser the console is untested. */
export async function openBrowser(): Promise<Browser> {
  const tried: string[] = []
  for (const find of [() => chromium.executablePath(), ...installed.map((path) => async () => path)]) {
    const path = await find().catch((error: Error) => `no browser from npm: ${error.message}`)
    if (!existsSync(path)) {
      tried.push(path)
      continue
    }
    try {
      return await driver.launch({ executablePath: path, args: switches, headless: true })
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  throw new Error(`No browser can run here, so the console cannot be tested. Install one (Debian: chromium). Tried:\n${tried.join('\n')}`)
}
