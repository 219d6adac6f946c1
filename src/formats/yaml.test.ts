import { describe, expect, it } from 'vitest'
import { parseYaml } from './yaml.ts'

describe('YAML', () => {
  it('keeps texts as they are written', async () => {
    expect(await parseYaml('\ufeffa: 1.10\nb: [yes, null, 0x10, ~]\nc: "x"\n')).toEqual({
      a: '1.10',
      b: ['yes', 'null', '0x10', '~'],
      c: 'x',
    })
  })
  it('has no way to the prototype', async () => {
    const value = (await parseYaml('__proto__: { polluted: x }\nconstructor: y\n')) as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
  it.each([
    ['depth', `a: ${'['.repeat(10_000)}`],
    ['depth by blanks', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['aliases', `a: &a x\nb: [${Array.from({ length: 2_000 }, () => '*a').join()}]`],
    ['a bracket that never closes', 'a: [1'],
    ['a tag that runs code', 'a: !!js/function "x"'],
  ])('refuses %s', async (_, text) => {
    await expect(parseYaml(text)).rejects.toThrow()
  })
  it('shares what aliases repeat', async () => {
    const bomb = Array.from({ length: 30 }, (_, i) => (i === 0 ? 'a0: &a0 [x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`)).join('\n')
    expect(Object.keys((await parseYaml(bomb)) as object)).toHaveLength(30)
  })
})
