/** The part of undici we use, by name: loaded late, a bundled CommonJS package has no names of its own. */
export { EnvHttpProxyAgent, request } from 'undici'
