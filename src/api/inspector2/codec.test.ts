import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AppError } from '../../model/errors.ts'
import { answers, statusOf } from '../errors.ts'
import { readInput, wireOperations, writeError } from './codec.ts'
import { inputs, shapes } from './limits.generated.ts'

/** JSON that has the members of a shape, each with content that may or may not fit. */
function nearly(name: string, depth = 0): fc.Arbitrary<unknown> {
  const shape = shapes[name]
  const wrong = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(null, '', '\0', '__proto__', 1e308, -1, [], {}))
  if (shape === undefined || depth > 4) return wrong
  const fits = (): fc.Arbitrary<unknown> => {
    switch (shape.type) {
      case 'structure':
        return fc.record(Object.fromEntries(Object.entries(shape.members ?? {}).map(([member, of]) => [member, nearly(of, depth + 1)])), {
          requiredKeys: [...(shape.required ?? [])],
        })
      case 'list':
        return fc.array(nearly(shape.member ?? '', depth + 1), { maxLength: 3 })
      case 'map':
        return fc.dictionary(fc.string(), nearly(shape.value ?? '', depth + 1), { maxKeys: 3 })
      case 'string':
      case 'blob':
        return shape.values === undefined ? fc.string({ unit: 'grapheme', maxLength: 20 }) : fc.constantFrom(...shape.values)
      case 'integer':
        return fc.integer()
      case 'double':
      case 'timestamp':
        return fc.double()
      case 'boolean':
        return fc.boolean()
    }
  }
  return fc.oneof({ weight: 9, arbitrary: fits() }, { weight: 1, arbitrary: wrong })
}

it('makes of any body either an input or an error for its sender', () => {
  for (const operation of wireOperations.filter(({ name }) => inputs[name] !== undefined)) {
    const body = fc.oneof(nearly(inputs[operation.name] ?? ''), fc.jsonValue())
    const path = operation.path.replace(/\{\w+\}/, 'arn%3Aa%2Fb')
    fc.assert(
      fc.property(body, (json) => {
        try {
          const input = readInput(operation, {
            path,
            query: new URLSearchParams('tagKeys=a'),
            body: Buffer.from(JSON.stringify(json) ?? ''),
          })
          expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code !== 'invalid') throw thrown
          expect(writeError(thrown, 'id').status).toBe(400)
        }
      }),
      { numRuns: 15 },
    )
  }
})

it('reads queries, numbers among them', () => {
  const operation = wireOperations.find(({ name }) => name === 'ListCodeSecurityIntegrations')
  const read = (query: string) =>
    operation && readInput(operation, { path: operation.path, query: new URLSearchParams(query), body: undefined })
  expect(read('maxResults=5&nextToken=12')).toEqual({ maxResults: 5, nextToken: '12' })
  expect(read('')).toEqual({})
  expect(() => read('maxResults=five')).toThrow("The value at 'maxResults' cannot be read: expected an integer, got a string.")
})

it('knows every exception it can name, and gives bugs away to nobody', () => {
  for (const [code, { status, exception }] of Object.entries(answers)) {
    const error = new AppError(code as keyof typeof answers, 'words')
    const answer = writeError(error, 'id')
    expect([code, answer.headers['x-amzn-errortype'], JSON.parse(answer.body)]).toEqual([
      code,
      exception,
      expect.objectContaining({ message: 'words' }),
    ])
    expect([code, statusOf(error)]).toEqual([code, status])
    if (code !== 'upstream') expect([code, answer.status]).toEqual([code, status])
  }
  for (const bug of [new TypeError('secret'), 'secret', undefined, null, { statusCode: 'x', message: 'secret' }]) {
    const answer = writeError(bug, 'id')
    expect([answer.status, answer.body]).toEqual([500, '{"message":"Internal server error"}'])
    expect(statusOf(bug)).toBe(500)
  }
})
