/** What an answer that is no success said, in the API's own words. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly status: number
  readonly code: string
  readonly correlationId: string | undefined
  constructor(status: number, code: string, message: string, correlationId?: string) {
    super(message)
    this.status = status
    this.code = code
    this.correlationId = correlationId
  }
}

/** Query parameters; a list is sent as the same parameter several times. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** A pasted API token lives in this tab only, and never in the address. A one-time link uses a cookie instead. */
const tokenKey = 'openinspector.token'
export const pastedToken = {
  get: (): string | undefined => sessionStorage.getItem(tokenKey) ?? undefined,
  set: (token: string) => sessionStorage.setItem(tokenKey, token),
  clear: () => sessionStorage.removeItem(tokenKey),
}

/** `path` below `/api/v1`, with its query. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of typeof value === 'object' ? value : [String(value)]) parameters.append(name, one)
  }
  const text = parameters.toString()
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`
}

/** Headers every request carries. */
export function authorization(): Record<string, string> {
  const token = pastedToken.get()
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** One call. Throws ApiFailure for whatever is no success, also when no answer came. */
export async function call<T>(
  path: string,
  options: {
    readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
    readonly query?: Query
    readonly body?: unknown
    readonly signal?: AbortSignal
  } = {},
): Promise<T> {
  const { method = 'GET', query, body, signal } = options
  let response: Response
  try {
    response = await fetch(address(path, query), {
      method,
      headers: { accept: 'application/json', ...authorization(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown
    throw new ApiFailure(0, 'unreachable', 'The server did not answer. Is it running, and is the network up?')
  }
  const text = await response.text()
  if (!response.ok) throw failureOf(response, text)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export function failureOf(response: Response, text: string): ApiFailure {
  const held = parsed(text)
  if (held === undefined) {
    return new ApiFailure(
      response.status,
      'internal',
      `The server answered ${response.status} ${response.statusText} without an explanation.`,
    )
  }
  return new ApiFailure(response.status, held.code, held.message, held.correlationId)
}

type Told = { readonly code: string; readonly message: string; readonly correlationId?: string }
function parsed(text: string): Told | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<Told> }
    return typeof error?.message === 'string' && typeof error.code === 'string' ? (error as Told) : undefined
  } catch {
    return undefined
  }
}
