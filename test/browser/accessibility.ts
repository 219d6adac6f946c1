import type { Page } from 'playwright-core'

/** Faults that anybody working without a mouse or without sight would meet on this page; empty when there are none. */
export function accessibilityFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const shown = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) && element.closest('[aria-hidden="true"]') === null
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter(shown)
    const named = (element: HTMLElement) =>
      [
        element.getAttribute('aria-label'),
        element.textContent,
        element.getAttribute('title'),
        ...(element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent),
        ...('labels' in element ? [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent) : []),
      ].some((name) => (name ?? '').trim() !== '')
    const outline = (element: HTMLElement) => element.outerHTML.slice(0, 120)
    return [
      ...(document.documentElement.lang === '' ? ['the page names no language'] : []),
      ...(document.title === '' ? ['the page has no title'] : []),
      ...(all('h1').length === 1 ? [] : [`${all('h1').length} headings of the first level`]),
      ...(all('main').length === 1 ? [] : [`${all('main').length} main landmarks`]),
      ...all('a[href], button, input, select, textarea, [role=button], [role=combobox]')
        .filter((element) => !named(element))
        .map((element) => `no name: ${outline(element)}`),
      ...all('table')
        .filter((element) => !named(element) || element.getAttribute('aria-label') === null)
        .map((element) => `a table without a name: ${outline(element)}`),
      ...[...document.querySelectorAll('img:not([alt])')].map((image) => `no alt: ${image.outerHTML.slice(0, 120)}`),
      ...all('[tabindex]')
        .filter((element) => element.tabIndex > 0)
        .map((element) => `jumps the keyboard's order: ${outline(element)}`),
    ]
  })
}
