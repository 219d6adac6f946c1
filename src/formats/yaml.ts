import { FAILSAFE_SCHEMA, load, loadAll } from 'js-yaml'

/** Aliases of one text: a lock file holds none, and what repeats itself by them grows without end. */
const MOST_ALIASES = 1_000

/**
 * The value of a YAML 1.2 text. Every scalar stays the text it is, so that version `1.10` is not the number 1.1; of a key that
 * comes twice the last counts; nesting is bounded. Throws an Error with the line.
 */
export function parseYaml(text: string): unknown {
  return load(text.replace(/^\ufeff/, ''), options)
}

/** The documents of a text that may hold several, each as `parseYaml` has it. */
export function parseYamlDocuments(text: string): readonly unknown[] {
  return loadAll(text.replace(/^\ufeff/, ''), options)
}

const options = { schema: FAILSAFE_SCHEMA, json: true, maxDepth: 100, maxAliases: MOST_ALIASES }
