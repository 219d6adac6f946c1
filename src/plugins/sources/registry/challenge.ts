/** What a server asks for in WWW-Authenticate: a scheme in lower case and its parameters, names in lower case. */
export type Challenge = { readonly scheme: string; readonly parameters: Readonly<Record<string, string>> }

const LONGEST = 8_192
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const space = /[ \t,]*/y
const equals = /[ \t]*=[ \t]*/y
const quoted = /"((?:[^"\\]|\\.)*)"/y
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y

/** RFC 9110 section 11.6.1: several challenges may stand in one header, their parameters parted by commas as they are. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = (typeof header === 'string' ? header : (header ?? []).join(', ')).slice(0, LONGEST)
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let at = 0
  const take = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const found = form.exec(text)
    if (found) at = form.lastIndex
    return found
  }
  take(space)
  while (at < text.length) {
    const name = take(token)?.[0]
    if (name === undefined) break
    if (take(equals) && challenges.length > 0) {
      const value = take(quoted)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? take(token)?.[0]
      if (value === undefined) break
      challenges.at(-1)!.parameters[name.toLowerCase()] ??= value
    } else {
      challenges.push({ scheme: name.toLowerCase(), parameters: Object.create(null) as Record<string, string> })
      take(space)
      // A parameter has a name before `=`; what has none is a token68 (Negotiate and its kin), which tells us nothing.
      const before = at
      if (take(token68) && /^[A-Za-z-]+$/.test(text.slice(before, at))) at = before
    }
    take(space)
  }
  return challenges
}
