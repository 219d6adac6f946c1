/** Aliases of one text: a lock file holds none, and what repeats itself by them grows without end. */
const MOST_ALIASES = 1_000

/**
 * The value of a YAML 1.2 text. Every scalar stays the text it is, so that version `1.10` is not the number 1.1; of a key that
 * comes twice the last counts; nesting is bounded. Rejects with the line. The library is loaded by the first text: most looks meet none.
 */
export async function parseYaml(text: string): Promise<unknown> {
  const { FAILSAFE_SCHEMA, load } = await import('js-yaml')
  return load(text.replace(/^\ufeff/, ''), { ...options, schema: FAILSAFE_SCHEMA })
}

/** The documents of a text that may hold several, each as `parseYaml` has it. */
export async function parseYamlDocuments(text: string): Promise<readonly unknown[]> {
  const { FAILSAFE_SCHEMA, loadAll } = await import('js-yaml')
  return loadAll(text.replace(/^\ufeff/, ''), { ...options, schema: FAILSAFE_SCHEMA })
}

const options = { json: true, maxDepth: 100, maxAliases: MOST_ALIASES }
