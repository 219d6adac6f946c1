import { JsonCodec } from '@aws-sdk/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import { fromBase64, fromUtf8, toBase64, toUtf8 } from '@smithy/core/serde'
import * as sdk from '@aws-sdk/client-inspector2'
import { AppError, reasonOf } from '../../model/errors.ts'
import { answers, protocolExceptions } from '../errors.ts'
import { inputs } from './limits.generated.ts'
import { checked, type Problem } from './limits.ts'

type Schema = Parameters<ReturnType<JsonCodec['createSerializer']>['write']>[0]

/** One operation of the service as its schema describes it. */
export type WireOperation = {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/tags/{resourceArn}` */
  readonly path: string
  readonly status: number
  readonly input: Schema
  readonly output: Schema
  /** Members that come from the path, and those that come from the query under a name. */
  readonly labels: readonly string[]
  readonly queries: readonly { readonly member: string; readonly name: string; readonly is: 'list' | 'number' | 'text' }[]
}

// A schema is a tuple that begins with its kind: 9 is an operation, -3 an error. 7: epoch seconds (restJson1's default).
const [operationKind, errorKind, epochSeconds] = [9, -3, 7] as const
const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: epochSeconds }, httpBindings: true, jsonName: true })
codec.setSerdeContext({
  base64Decoder: fromBase64,
  base64Encoder: toBase64,
  utf8Decoder: fromUtf8,
  utf8Encoder: toUtf8,
} as Parameters<typeof codec.setSerdeContext>[0])

const schemasOf = (kind: number): readonly (readonly unknown[])[] =>
  (Object.values(sdk) as readonly unknown[]).filter((value) => Array.isArray(value)).filter(([first]) => first === kind)

/** Every operation the official client knows. */
export const wireOperations: readonly WireOperation[] = schemasOf(operationKind).map((schema) => {
  const [, , name, traits, input, output] = schema as [
    9,
    string,
    string,
    { http: [WireOperation['method'], string, number] },
    Schema,
    Schema,
  ]
  const [method, path, status] = traits.http
  const members = bindingsOf(input)
  return {
    name,
    method,
    path,
    status,
    input,
    output,
    labels: members.flatMap(({ member, traits: { httpLabel } }) => (httpLabel ? [member] : [])),
    queries: members.flatMap(({ member, traits: { httpQuery }, is }) => (httpQuery === undefined ? [] : [{ member, name: httpQuery, is }])),
  }
})

type Binding = { member: string; traits: { httpLabel?: unknown; httpQuery?: string }; is: 'list' | 'number' | 'text' }

function bindingsOf(input: Schema): readonly Binding[] {
  const schema = NormalizedSchema.of(input)
  if (!schema.isStructSchema()) return []
  return [...schema.structIterator()].map(([member, of]) => {
    const is = of.isListSchema() ? 'list' : of.isNumericSchema() ? 'number' : 'text'
    return { member, traits: of.getMergedTraits() as Binding['traits'], is }
  })
}

/** What Fastify gives of a request: the path before decoding, the query's pairs, the raw body. */
export type RawInput = { readonly path: string; readonly query: URLSearchParams; readonly body: Uint8Array | undefined }

/** The operation's input in the SDK's own types, wholly checked. Throws AppError `invalid` in the service's words. */
export function readInput(operation: WireOperation, request: RawInput): object {
  const shape = inputs[operation.name]
  if (shape === undefined) return {}
  const raw = { ...bodyOf(request.body), ...fromQuery(operation, request.query), ...fromPath(operation, request.path) }
  const { value, problems } = checked(shape, raw)
  if (problems.length > 0) throw invalid(problems)
  const deserializer = codec.createDeserializer()
  return deserializer.readObject(operation.input, value as Parameters<typeof deserializer.readObject>[1]) as object
}

function bodyOf(body: Uint8Array | undefined): object {
  if (body === undefined || body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (thrown) {
    throw cannotParse(`The request body is not JSON in UTF-8: ${reasonOf(thrown).slice(0, 200)}`)
  }
  throw cannotParse('The request body must be a JSON object.')
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw cannotParse(`The path holds a broken percent encoding: ${text.slice(0, 200)}`)
  }
}

/** The one label of this service's paths is the last part, and greedy: an ARN with its slashes, encoded or not. */
function fromPath({ labels, path }: WireOperation, requested: string): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label, decoded(requested.slice(path.indexOf('{')))]))
}

function fromQuery({ queries }: WireOperation, query: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    queries.map(({ member, name, is }) => {
      const values = query.getAll(name)
      const [first] = values
      if (first === undefined || is === 'list') return [member, first === undefined ? undefined : values]
      return [member, is === 'number' && /^-?\d{1,15}$/.test(first) ? Number(first) : first]
    }),
  )
}

function invalid(problems: readonly Problem[]): AppError {
  const wrongType = problems.find(({ kind }) => kind === 'type')
  if (wrongType !== undefined) return cannotParse(`The value at '${wrongType.path}' cannot be read: ${wrongType.says}.`)
  const told = problems.map(({ path, says }) => `Value at '${path}' failed to satisfy constraint: ${says}`)
  return new AppError('invalid', `${told.length} validation error${told.length > 1 ? 's' : ''} detected: ${told.join('; ')}`, {
    details: { reason: 'FIELD_VALIDATION_FAILED', fields: problems.map(({ path, says }) => ({ name: path, message: says })) },
  })
}
const cannotParse = (message: string): AppError => new AppError('invalid', message, { details: { reason: 'CANNOT_PARSE' } })

/** The body of a successful answer. */
export function writeOutput(operation: WireOperation, output: object): string {
  const serializer = codec.createSerializer()
  serializer.write(operation.output, output)
  return (serializer.flush() as string | undefined) ?? '{}'
}

const errorSchemas = new Map(schemasOf(errorKind).map((schema) => [schema[2] as string, schema as unknown as Schema]))

export type WireAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** Any error as the service tells it. Only an AppError's words reach the caller. */
export function writeError(thrown: unknown, requestId: string): WireAnswer {
  const { name, members } = exceptionOf(thrown)
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': name }
  const schema = errorSchemas.get(name)
  if (schema === undefined) return { status: protocolExceptions[name] ?? 400, headers, body: JSON.stringify({ message: members.message }) }
  const known = NormalizedSchema.of(schema)
  const inBody: Record<string, unknown> = { ...members }
  for (const [member, of] of known.structIterator()) {
    const header = (of.getMergedTraits() as { httpHeader?: string }).httpHeader
    if (header === undefined || inBody[member] === undefined) continue
    headers[header.toLowerCase()] = String(inBody[member])
    delete inBody[member]
  }
  const serializer = codec.createSerializer()
  serializer.write(schema, inBody)
  return { status: (known.getMergedTraits() as { httpError?: number }).httpError ?? 400, headers, body: serializer.flush() as string }
}

type Exception = { readonly name: string; readonly members: { readonly message: string } & Record<string, unknown> }

function exceptionOf(thrown: unknown): Exception {
  if (!(thrown instanceof AppError))
    return fastifyRefusal(thrown) ?? { name: 'InternalServerException', members: { message: 'Internal server error' } }
  const { message, details } = thrown
  const asked = details['exception']
  const name = typeof asked === 'string' ? asked : answers[thrown.code].exception
  const text = (member: string): string => (typeof details[member] === 'string' ? details[member] : 'unknown')
  switch (name) {
    case 'ValidationException':
      return { name, members: { message, ...invalidity(details, message) } }
    case 'ConflictException':
      return { name, members: { message, resourceId: text('resourceId'), resourceType: text('resourceType') } }
    case 'ServiceQuotaExceededException':
      return { name, members: { message, resourceId: text('resourceId') } }
    case 'ThrottlingException':
      return { name, members: { message, retryAfterSeconds: details['retryAfterSeconds'] } }
    default:
      return { name, members: { message } }
  }
}

/** Core names at most one field; the checks of limits.ts name all. */
function invalidity({ reason = 'OTHER', fields, field }: AppError['details'], message: string): { reason: unknown; fields?: unknown } {
  if (typeof field === 'string') return { reason: 'FIELD_VALIDATION_FAILED', fields: [{ name: field, message }] }
  return { reason, fields }
}

/** What Fastify refused before any of our code ran: a body too long, a broken content type or length. */
function fastifyRefusal(thrown: unknown): Exception | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('FST_ERR_CTP_'))) return undefined
  const { message } = thrown
  if (thrown.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { name: 'RequestEntityTooLargeException', members: { message } }
  return { name: 'ValidationException', members: { message, reason: 'CANNOT_PARSE' } }
}
