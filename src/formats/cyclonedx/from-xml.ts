import { AppError } from '../../model/errors.ts'
import { attributeOf, childOf, childrenOf, readXml, type XmlElement } from '../xml.ts'

/**
 * A CycloneDX XML document (ECMA-424, XML schema) as the value that its JSON form would have, as far as it is read.
 * Throws AppError `invalid` for what is none.
 */
export async function bomOfXml(text: string): Promise<unknown> {
  const root = await readXml(text)
  const version = specVersion(text)
  if (root.name !== 'bom' || version === undefined)
    throw new AppError('invalid', 'XML, and no CycloneDX: expected bom of a namespace http://cyclonedx.org/schema/bom/...')
  const metadata = childOf(root, 'metadata')
  const subject = childOf(metadata, 'component')
  return {
    bomFormat: 'CycloneDX',
    specVersion: version,
    metadata: { component: subject && componentOf(subject), properties: propertiesOf(metadata) },
    components: componentsOf(root),
    dependencies: inside(root, 'dependencies', 'dependency').map((one) => ({
      ref: attributeOf(one, 'ref'),
      dependsOn: childrenOf(one, 'dependency').flatMap((needed) => attributeOf(needed, 'ref') ?? []),
    })),
    compositions: inside(root, 'compositions', 'composition').map((one) => ({
      aggregate: childOf(one, 'aggregate')?.text,
      assemblies: inside(one, 'assemblies', 'assembly').flatMap((assembly) => attributeOf(assembly, 'ref') ?? []),
    })),
    vulnerabilities: inside(root, 'vulnerabilities', 'vulnerability').map(vulnerabilityOf),
  }
}

/** Characters in which the root's namespaces stand. */
const LONGEST_TAG = 4_096

/** The namespace tells the version, under whatever prefix; what was parsed has none any more. */
function specVersion(text: string): string | undefined {
  const begun = /<(?:[\w.-]{1,100}:)?bom\s/.exec(text)?.index ?? 0
  const [tag = ''] = text.slice(begun, begun + LONGEST_TAG).split('>', 1)
  return /\sxmlns(?::[\w.-]{1,100})?\s?=\s?["']http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)["']/.exec(tag)?.[1]
}

/** The elements of a list that is an element itself. */
const inside = (element: XmlElement | undefined, list: string, member: string): readonly XmlElement[] =>
  childrenOf(childOf(element, list), member)

const componentsOf = (element: XmlElement): readonly object[] => inside(element, 'components', 'component').map(componentOf)

/** No deeper than an XML document may nest. */
function componentOf(element: XmlElement): object {
  const text = (name: string) => childOf(element, name)?.text
  const inner = componentsOf(element)
  const occurrences = inside(childOf(element, 'evidence'), 'occurrences', 'occurrence')
  return {
    type: attributeOf(element, 'type'),
    'bom-ref': attributeOf(element, 'bom-ref'),
    ...Object.fromEntries(members.map((name) => [name, text(name)])),
    hashes: inside(element, 'hashes', 'hash').map((hash) => ({ alg: attributeOf(hash, 'alg'), content: hash.text })),
    licenses: (childOf(element, 'licenses')?.children ?? []).map(licenceOf),
    properties: propertiesOf(element),
    evidence: { occurrences: occurrences.map((one) => ({ location: childOf(one, 'location')?.text })) },
    ...(inner.length > 0 && { components: inner }),
  }
}

const members = ['group', 'name', 'version', 'versionRange', 'description', 'scope', 'cpe', 'purl']

function licenceOf(element: XmlElement): object {
  if (element.name === 'expression') return { expression: element.text }
  return { license: { id: childOf(element, 'id')?.text, name: childOf(element, 'name')?.text } }
}

function vulnerabilityOf(element: XmlElement): object {
  const analysis = childOf(element, 'analysis')
  const told = Object.fromEntries(['state', 'justification', 'detail'].map((name) => [name, childOf(analysis, name)?.text]))
  const targets = inside(element, 'affects', 'target')
  return {
    id: childOf(element, 'id')?.text,
    analysis: analysis && told,
    affects: targets.map((one) => ({ ref: childOf(one, 'ref')?.text })),
  }
}

const propertiesOf = (element: XmlElement | undefined): readonly object[] =>
  inside(element, 'properties', 'property').map((one) => ({ name: attributeOf(one, 'name'), value: one.text }))
