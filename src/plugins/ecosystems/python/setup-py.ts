/** Texts of a list that a program writes out after `NAME=`; `whole`: nothing of it is computed. */
export function literalsAfter(program: string, name: string): { readonly texts: readonly string[]; readonly whole: boolean } {
  const texts: string[] = []
  let whole = true
  for (let at = program.indexOf(name); at >= 0; at = program.indexOf(name, at + name.length)) {
    if (/[\w.'"-]/.test(program.charAt(at - 1)) || inComment(program, at)) continue
    const equals = skipBlanks(program, at + name.length)
    if (program[equals] !== '=' || program[equals + 1] === '=') continue
    const opening = skipBlanks(program, equals + 1)
    if (program[opening] !== '[' && program[opening] !== '(') whole = false
    else if (!readList(program, opening + 1, texts)) whole = false
  }
  return { texts, whole }
}

/** Reads texts, parted by commas, up to the closing bracket; false when anything else stands there. */
function readList(program: string, start: number, texts: string[]): boolean {
  for (let at = skipBlanks(program, start); at < program.length; at = skipBlanks(program, at)) {
    const quote = program.charAt(at)
    if (quote === ']' || quote === ')') return !/^\s{0,99}[+%.]/.test(program.slice(at + 1, at + 101))
    if (quote === ',') at++
    else if (quote === "'" || quote === '"') {
      const end = program.indexOf(quote, at + 1)
      const text = end < 0 ? '' : program.slice(at + 1, end)
      if (text === '' || /[\n\\]/.test(text)) return false
      texts.push(text)
      at = end + 1
    } else return false
  }
  return false
}

/** Past blanks, line ends and comments. */
function skipBlanks(program: string, start: number): number {
  let at = start
  for (;;) {
    while (' \t\r\n\\'.includes(program.charAt(at)) && at < program.length) at++
    if (program[at] !== '#') return at
    const end = program.indexOf('\n', at)
    at = end < 0 ? program.length : end
  }
}

function inComment(program: string, at: number): boolean {
  const before = program.slice(Math.max(0, at - 1_000), at)
  return before.slice(before.lastIndexOf('\n') + 1).includes('#')
}
