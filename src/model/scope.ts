export type Role = 'viewer' | 'operator' | 'admin'

/** Who asks. */
export type Caller = {
  readonly principalId: number
  readonly name: string
  readonly role: Role /** Twelve digits. */
  readonly account: string
}

/** What the caller may see. Made only by api/auth; every query takes one, so that no query can forget the tenant. */
export type Scope = {
  readonly caller: Caller
  /** Account ids of twelve digits. */
  readonly accounts: readonly string[] | 'all'
  readonly regions: readonly string[] | 'all'
}
