/** Ecosystems in which `Newtonsoft.Json` and `newtonsoft.json` are one package. */
const caseless = new Set(['GitHub Actions', 'NuGet', 'Packagist'])

/** The name under which advisories of an OSV ecosystem, and what is judged by them, meet: publishers do not agree on case, nor on the form of addresses. */
export function lookupName(ecosystem: string, name: string): string {
  if (ecosystem === 'SwiftURL')
    return name
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\.git$/, '')
  return caseless.has(ecosystem) ? name.toLowerCase() : name
}
