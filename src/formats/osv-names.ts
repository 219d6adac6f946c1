/** Ecosystems in which `Newtonsoft.Json` and `newtonsoft.json` are one package. */
const caseless = new Set(['GitHub Actions', 'NuGet', 'Packagist'])

/** The name under which advisories of an OSV ecosystem, and what is judged by them, meet: publishers do not agree on case. */
export const lookupName = (ecosystem: string, name: string): string => (caseless.has(ecosystem) ? name.toLowerCase() : name)
