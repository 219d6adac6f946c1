export { bootstrap, firstLink, type FirstCredentials } from './bootstrap.ts'
export {
  createAccessKey,
  disableAccessKey,
  listAccessKeys,
  signingKeys,
  type AccessKey,
  type NewAccessKey,
  type SigningKey,
  type SigningKeys,
} from './access-keys.ts'
export { createPrincipal, disablePrincipal, findPrincipal, listPrincipals, type Principal, type Writer } from './principals.ts'
export { readSecretKey, secretBox, type SecretBox } from './secret-box.ts'
export {
  createLink,
  createToken,
  endSession,
  holderOf,
  listTokens,
  redeemLink,
  revokeToken,
  sessionSeconds,
  type ApiToken,
  type TokenKind,
} from './tokens.ts'
