import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyStore } from '../database.ts'
import { accessibilityFaults } from './accessibility.ts'
import { openBrowser } from './browser.ts'
import { type Product, startProduct } from './product.ts'
import { makeWorld, manyCount } from './world.ts'

/** The real product in a real browser: server, embedded store, feeds and collectors, and the built console on top. */
let world: Awaited<ReturnType<typeof makeWorld>>
let browser: Browser
const started: Product[] = []

beforeAll(async () => {
  ;[world, browser] = await Promise.all([makeWorld(), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await Promise.all(started.map((product) => product.stop()))
  await world?.remove()
})

test('from the one-time link to the evidence of a finding, and out again', { timeout: 240_000 }, async () => {
  const product = await start('full', world.feeds, [`rootfs:${world.root}`, `dir:${world.project}`, `dir:${world.bare}`])
  const { page, troubles, addresses } = await open()
  const at = () => page.url().slice(product.base.length)

  await page.goto(product.base)
  await heading(page, 'Sign in to OpenInspector')
  expect(await page.title()).toBe('Sign in · OpenInspector')
  expect(await accessibilityFaults(page)).toEqual([])
  // Asked who is there, the server rightly answered 401; from here on nothing may fail.
  troubles.length = 0

  await page.goto(product.link)
  await heading(page, 'Dashboard')
  expect(at()).toBe('/')
  const token = /token=([^&]+)/.exec(product.link)?.[1] ?? 'no token'
  expect(addresses.filter((address) => address.includes(token))).toEqual([])

  // No reload: the numbers come by themselves as the first scans and loads end.
  for (const number of ['Critical: 1 finding', 'High: 1 finding', `Medium: ${manyCount} findings`, 'Low: 1 finding', 'Exploit known: 1'])
    await link(page, number).waitFor({ timeout: 90_000 })
  await page.getByText('Feeds fresh').waitFor()
  await link(page, 'Scanned: 2 resources').waitFor()
  await expect
    .poll(() => rows(page, 'Feed freshness'))
    .toEqual([
      expect.stringMatching(/^epss\s*Fresh/),
      expect.stringMatching(/^kev\s*Fresh/),
      expect.stringMatching(/^osv\/Debian\s*Fresh/),
      expect.stringMatching(/^osv\/npm\s*Fresh/),
    ])
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByText('New in the last seven days').waitFor()
  await picture(page, 'dashboard-light')

  await link(page, 'Critical: 1 finding').click()
  await heading(page, 'Findings')
  expect(at()).toBe('/findings?status=ACTIVE&severity=CRITICAL')
  expect(await page.title()).toBe('Findings · OpenInspector')
  await link(page, 'CVE-2099-10001').waitFor()
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(1)
  await page.getByText('Severity = Critical').first().waitFor()
  await page.reload()
  await link(page, 'CVE-2099-10001').waitFor()
  expect(at()).toBe('/findings?status=ACTIVE&severity=CRITICAL')
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(1)
  expect(await accessibilityFaults(page)).toEqual([])

  await link(page, 'CVE-2099-10001').focus()
  await page.keyboard.press('Enter')
  await heading(page, 'CVE-2099-10001')
  expect(at()).toMatch(/^\/findings\/[0-9a-f]{32}$/)
  await table(page, 'History').getByText('Opened').waitFor()
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('page')
  expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
    'What and where',
    'Why it matters here',
    'What to do',
    'Evidence',
    'History',
    'Raw',
  ])
  await page.getByText('91.0 %').waitFor()
  await page.getByText('Known to be exploited').waitFor()
  await page.getByText('The network').first().waitFor()
  await page
    .getByRole('button', { name: /^Copy: .*apt-get/ })
    .first()
    .waitFor()
  await expect.poll(() => rows(page, 'Matches')).toHaveLength(2)
  const matches = await rows(page, 'Matches')
  for (const match of matches) expect(match).toMatch(/Affected\s*from the first version, before 1\.2\.0-2\s*1\.2\.0-2\s*CVE-2099-10001/)
  expect((await rows(page, 'Locations')).every((row) => row.startsWith('var/lib/dpkg/status'))).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  await picture(page, 'finding-light')

  await link(page, 'Findings').first().click()
  await page.getByText(`(${manyCount + 3})`).waitFor()
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(25)
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByRole('heading', { name: 'Findings, page 2' }).waitFor()
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(manyCount + 3 - 25)
  await page.locator('th', { hasText: 'Score' }).first().click()
  await expect.poll(at).toContain('sort=score&order=desc')
  await page.getByRole('heading', { name: 'Findings, page 2' }).waitFor({ state: 'detached' })

  await page.getByRole('combobox', { name: 'Filter findings' }).fill('zzz')
  await page.keyboard.press('Enter')
  await page.getByText('Filtered out').waitFor()
  await page.getByText(`Without them there are ${manyCount + 3} active findings.`).waitFor()
  await page.getByText('1 of 3 resources not scanned: what is there is unknown.').waitFor()
  expect(at()).toContain('text=zzz')
  await picture(page, 'filtered-out-light')
  await table(page, 'Findings').getByRole('button', { name: 'Clear filters' }).click()
  await link(page, 'CVE-2099-10001').waitFor()

  await suppressAndRestore(page, at)
  await saveAndOpenView(page, at)

  await page.goto(`${product.base}/findings?status=SUPPRESSED`)
  await page.getByText(`no finding is suppressed, ${manyCount + 3} findings of another status.`).waitFor()
  await page.getByRole('button', { name: 'Show every status' }).click()
  await link(page, 'CVE-2099-10001').waitFor()
  await page.goto(`${product.base}/findings?resource=nobody`)
  await page.getByText('Not known here').waitFor()

  await link(page, 'Coverage').first().click()
  await heading(page, 'Coverage')
  await page.getByText('Scanned with gaps').waitFor()
  await link(page, `${world.bare}: 0 active findings`).click()
  await page.getByText('Not scanned', { exact: true }).waitFor()
  await page.getByText('The resource was not scanned: no inventory. What is there is unknown, not safe.').waitFor()
  await picture(page, 'not-scanned-light')
  await link(page, 'See why, and what clears it').click()
  await heading(page, 'Coverage')
  await expect.poll(() => rows(page, 'Resources and their coverage')).toHaveLength(1)
  await page.getByRole('button', { name: `Remove filter Resource = ${world.bare}` }).click()
  await page.getByRole('button', { name: `1 gap of ${world.project}` }).click()
  await page.getByText('broken/package-lock.json').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await picture(page, 'coverage-light')

  await page.getByRole('button', { name: 'Dark mode' }).click()
  await dark(page)
  await page.reload()
  await heading(page, 'Coverage')
  await dark(page)
  await link(page, 'Feeds').first().click()
  await heading(page, 'Feeds')
  await expect.poll(() => rows(page, 'Feeds')).toHaveLength(4)
  expect(await accessibilityFaults(page)).toEqual([])
  await picture(page, 'feeds-dark')
  await link(page, 'Dashboard').first().click()
  await link(page, 'Critical: 1 finding').waitFor()
  await picture(page, 'dashboard-dark')

  expect(troubles).toEqual([])
  await page.getByRole('button', { name: 'Signed in as admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByText('This browser holds no session any more.').waitFor()
  await page.goto(`${product.base}/coverage`)
  await heading(page, 'Sign in to OpenInspector')
  await page.goto(product.link)
  await page.getByText('This sign-in link was used already').waitFor()
  await page.context().close()
})

test('with the starter set alone nothing looks good', { timeout: 180_000 }, async () => {
  const product = await start('starter', 'off', [`rootfs:${world.root}`])
  const { page } = await open()
  await page.goto(product.link)
  await page.getByText('Not everything here has a feed').first().waitFor({ timeout: 60_000 })
  await page.getByText('Feeds missing').waitFor()
  await link(page, 'Scanned, knowledge incomplete: 1 resource').waitFor({ timeout: 60_000 })
  await picture(page, 'starter-light')
  await link(page, 'Findings').first().click()
  await table(page, 'Findings').getByText('What is not listed is unknown, not safe.').waitFor()
  await page.context().close()
})

test('where nothing is watched the list says so, not that nothing was found', { timeout: 180_000 }, async () => {
  const product = await start('unwatched', world.feeds)
  const { page } = await open()
  await page.goto(`${product.base}/coverage`)
  await page.getByRole('button', { name: 'Use an API token instead' }).click()
  await page.getByRole('textbox', { name: 'API token' }).fill('a-token-nobody-gave')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('The token is unknown, revoked or has expired.').waitFor()
  await page.getByRole('textbox', { name: 'API token' }).fill(await product.token())
  await page.keyboard.press('Enter')
  await heading(page, 'Coverage')
  await link(page, 'Findings').first().click()
  await page.getByText('Nothing is watched yet').waitFor()
  await link(page, 'Dashboard').first().click()
  await page.getByText('No resource is known').waitFor()
  await page.goto(`${product.base}/findings/00000000000000000000000000000000`)
  await page.getByText('Could not show this finding').waitFor()
  await page.getByText('Correlation id:').waitFor()
  await page.context().close()
})

/** A rule is made from a filter once its reach was shown; it hides, can be changed, deleted, and brought back. */
async function suppressAndRestore(page: Page, at: () => string): Promise<void> {
  await link(page, 'Dashboard').first().click()
  await link(page, 'Low: 1 finding').click()
  await link(page, 'CVE-2099-10002').waitFor()
  await page.getByRole('button', { name: 'Suppress', exact: true }).click()
  await page.getByText('Hides findings where severity is LOW.').waitFor()
  await page.getByText('1 active finding would be hidden; 0 matching findings are hidden already.').waitFor()
  await page.getByRole('textbox', { name: 'Name' }).fill('low-ones')
  const save = (words: string) => page.getByRole('button', { name: words, exact: true })
  expect(await save('Save low-ones and hide 1 more finding').isDisabled()).toBe(true)
  await page.getByRole('textbox', { name: 'Reason' }).fill('Nobody but root logs in there')
  await picture(page, 'suppress-light')
  await save('Save low-ones and hide 1 more finding').click()
  await page.getByText('low-ones hides findings where severity is LOW.').waitFor()
  await page.getByText(`Without them there are ${manyCount + 2} active findings.`).waitFor()

  await link(page, 'Suppression rules').first().click()
  await heading(page, 'Suppression rules')
  await expect
    .poll(() => rows(page, 'Suppression rules'))
    .toEqual([expect.stringMatching(/^low-ones\s+severity is LOW\s+Reason: Nobody but root logs in there\s+Suppress\s+1\s+us-east-1/)])
  expect(await accessibilityFaults(page)).toEqual([])
  await picture(page, 'rules-light')
  await link(page, 'low-ones hides 1 finding').click()
  await link(page, 'CVE-2099-10002').waitFor()
  expect(at()).toBe('/findings?status=SUPPRESSED&severity=LOW')

  await page.goBack()
  await page.getByRole('button', { name: 'Change low-ones' }).click()
  await page.getByText('0 active findings would be hidden; 1 matching finding is hidden already.').waitFor()
  await page.getByRole('textbox', { name: 'Reason' }).fill('Looked at')
  await save('Save low-ones and hide 0 more findings').click()
  await page.getByText('Reason: Looked at').waitFor()
  const remove = async () => {
    await page.getByRole('button', { name: 'Delete low-ones', exact: true }).click()
    await page.getByRole('button', { name: 'Delete low-ones and show 1 finding' }).click()
    await page.getByText('Nothing is hidden.').waitFor()
  }
  await remove()
  await page.getByRole('button', { name: 'Undo' }).click()
  await link(page, 'low-ones hides 1 finding').waitFor()
  await remove()
  await link(page, 'Dashboard').first().click()
  await link(page, 'Low: 1 finding').waitFor()
}

/** Filters, order, columns and page size are in the address; a view is that address under a name. */
async function saveAndOpenView(page: Page, at: () => string): Promise<void> {
  await link(page, 'All active findings').click()
  await page.getByRole('button', { name: 'How the list looks' }).click()
  await page.getByRole('radio', { name: '50' }).check()
  await page.getByRole('checkbox', { name: 'EPSS' }).uncheck()
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(manyCount + 3)
  const shown = 'columns=severity%2Cscore%2Cvulnerability%2Cpackages%2Cresource%2Cfix%2Cage&size=50'
  expect(at()).toBe(`/findings?status=ACTIVE&${shown}`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('All of it')
  await page.keyboard.press('Enter')
  await link(page, 'Findings').first().click()
  await expect.poll(at).toBe('/findings?status=ACTIVE')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'All of it', exact: true }).click()
  await expect.poll(at).toBe(`/findings?status=ACTIVE&sort=severity&order=desc&${shown}`)
  await printsWhole(page)
  // Another reader's own choice of columns does not count where the address says them.
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await link(page, 'CVE-2099-10001').waitFor()
  expect(await table(page, 'Findings').locator('thead th', { hasText: 'EPSS' }).count()).toBe(0)
}

/** On paper a list keeps every column, and shows nothing that only a click would answer. */
async function printsWhole(page: Page): Promise<void> {
  const navigation = page.getByRole('navigation', { name: 'Pages', exact: true })
  await page.setViewportSize({ width: 760, height: 1100 })
  await page.emulateMedia({ media: 'print' })
  await navigation.waitFor({ state: 'hidden' })
  expect(await page.getByRole('button', { name: 'Views' }).isVisible()).toBe(false)
  await expect.poll(() => rows(page, 'Findings')).toHaveLength(manyCount + 3)
  const edge = await table(page, 'Findings').evaluate((element) => element.getBoundingClientRect().right)
  expect(edge).toBeLessThan(760)
  await picture(page, 'findings-print')
  await page.emulateMedia({ media: 'screen' })
  await page.setViewportSize(screen)
}

async function start(name: string, feeds: string, watch?: readonly string[]): Promise<Product> {
  const data = await world.data(name, watch === undefined ? { watch: [] } : {})
  await emptyStore(data)
  const product = await startProduct({ data, feeds, ...(watch === undefined ? {} : { watch }) })
  started.push(product)
  return product
}

const screen = { width: 1360, height: 1100 }

/** A page of its own browser context; `troubles` are its errors, `addresses` all it asked for, with their referrers. */
async function open() {
  const context = await browser.newContext({ colorScheme: 'light', viewport: screen })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const troubles: string[] = []
  const addresses: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('request', (request) => addresses.push(request.url(), request.headers()['referer'] ?? ''))
  return { page, troubles, addresses }
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true })
/** A table by its name; one that the arrow keys walk through has the role of a grid. */
const table = (page: Page, name: string) => page.locator(`table[aria-label="${name}"]`)
const rows = (page: Page, name: string) => table(page, name).locator('tbody tr').allInnerTexts()

async function dark(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.body.classList.contains('awsui-dark-mode'))).toBe(true)
}

/** Pictures for people, where `OI_SCREENSHOTS` names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['OI_SCREENSHOTS']
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
