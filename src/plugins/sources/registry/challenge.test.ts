import { expect, it } from 'vitest'
import { parseChallenges } from './challenge.ts'

it.each([
  [undefined, []],
  ['', []],
  ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/alpine:pull,push' },
      },
    ],
  ],
  [
    'Negotiate, Basic realm="a \\"b\\"", BEARER Realm = https , error=invalid_token',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a "b"' } },
      { scheme: 'bearer', parameters: { realm: 'https', error: 'invalid_token' } },
    ],
  ],
  [
    ['Basic', 'Bearer realm="r"'],
    [
      { scheme: 'basic', parameters: {} },
      { scheme: 'bearer', parameters: { realm: 'r' } },
    ],
  ],
  [
    'Negotiate YWJj/+==, Basic realm=x',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  ],
  ['Bearer realm="cut', [{ scheme: 'bearer', parameters: {} }]],
  ['Bearer __proto__="x"', [{ scheme: 'bearer', parameters: Object.fromEntries([['__proto__', 'x']]) }]],
])('reads %j', (header, expected) => {
  const read = parseChallenges(header).map(({ scheme, parameters }) => ({
    scheme,
    parameters: Object.fromEntries(Object.entries(parameters)),
  }))
  expect(read).toEqual(expected)
})

it('reads what is too long no further', () => {
  expect(parseChallenges(`Bearer ${'a=b,'.repeat(100_000)}`)[0]?.parameters).toEqual({ a: 'b' })
})
