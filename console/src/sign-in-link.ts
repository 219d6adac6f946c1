/**
 * A one-time link is `<server>/sign-in#token=...`: a fragment is never sent to a server, so the token reaches no log and
 * no Referer. It is taken out of the address, and thus of the history, before anything else runs.
 */
let held: string | undefined

export function captureLink(): void {
  const token = /[#&?]token=([^&]+)/.exec(location.hash)?.[1]
  if (token === undefined) return
  held = decodeURIComponent(token)
  history.replaceState(null, '', '/sign-in')
}

/** The token of the link this page was opened with, once. */
export function takeLink(): string | undefined {
  const token = held
  held = undefined
  return token
}
