/** Whether a reference of a locator leads to the project's own: a workspace, a link, a folder, what a script of it makes. */
export function isOwn(reference: string): boolean {
  return (
    /^(?:workspace|link|portal|exec):/.test(reference) || (reference.startsWith('file:') && !/\.t(?:ar\.)?gz(?:#|::|$)/.test(reference))
  )
}

/** What a locator of yarn names (yarnpkg.com, "Lexicon"); 'own' for what is the project's. */
export function packageAt(name: string, reference: string): { readonly name: string; readonly version: string } | 'own' {
  // the same package, for certain peers: `virtual:<hash>#npm:1.0.0`
  const plain = reference.startsWith('virtual:') ? reference.slice(reference.indexOf('#') + 1) : reference
  if (isOwn(plain)) return 'own'
  if (plain.startsWith('npm:')) return { name, version: plain.slice('npm:'.length).split('::', 1)[0] ?? '' }
  // a patched copy names the version it was made of
  const patched = /::version=([^&]{1,256})/.exec(plain.slice(0, LONGEST))?.[1]
  return { name, version: patched ?? plain.split('::', 1)[0] ?? '' }
}

const LONGEST = 8192
