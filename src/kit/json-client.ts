import { AppError, type ErrorCode } from '../model/errors.ts'

export type JsonClient = {
  /** Where it talks to, without a trailing slash. */
  readonly url: string
  get<T>(path: string, query?: Query): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
}
/** Repeated where a list is given; absent where undefined. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

/**
 * A client of our own API. Its errors come back as the AppError the server threw, with its words; `upstream` when nobody
 * answers. The token travels in a header only.
 */
export function jsonClient(url: string, token: string | undefined): JsonClient {
  const base = url.replace(/\/+$/, '')
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const call = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await fetch(`${base}${path}`, { redirect: 'error', ...init }).catch((cause: unknown) => {
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
      throw new AppError('upstream', `No server answers at ${base}: ${reason}`, { cause, details: { next: 'openinspector serve' } })
    })
    const text = await response.text()
    if (!response.ok) throw told(response, text, `${base}${path}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    url: base,
    get: (path, query = {}) => call(`${path}${written(query)}`, { headers }),
    send: (method, path, body) =>
      call(path, {
        method,
        ...(body === undefined ? { headers } : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      }),
  }
}

function written(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each))
  }
  return search.size === 0 ? '' : `?${search}`
}

/** The codes an answer may carry; a Set of the model's would not exist at run time. */
const codes: readonly ErrorCode[] = ['invalid', 'denied', 'missing', 'conflict', 'limited', 'quota', 'unsupported', 'upstream']

function told(response: Response, text: string, url: string): Error {
  const said = readError(text)
  const code = codes.find((each) => each === said?.code)
  const words = said?.message ?? `${url} answered ${response.status} ${response.statusText}`
  const correlation = said?.correlationId === undefined ? '' : ` (correlation id ${said.correlationId})`
  return code === undefined
    ? new AppError('upstream', `The server failed: ${words}${correlation}`)
    : new AppError(code, words, said?.details === undefined ? {} : { details: said.details })
}

type Said = { code?: string; message?: string; correlationId?: string; details?: Record<string, unknown> }

function readError(text: string): Said | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Said }
    return typeof error === 'object' && error !== null ? error : undefined
  } catch {
    return undefined
  }
}
