import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'

/** A JSON Schema object that knows all its members. */
const closed = (required: readonly string[], properties: object) => ({ type: 'object', required, properties, additionalProperties: false })
const text = { type: 'string', minLength: 1 }
const listOf = (items: object) => ({ type: 'array', items, minItems: 1 })
const one = (...names: readonly string[]) => ({ enum: names })

/** UTC, to the second (SPDX 2.3, clause 6.9; SPDX 3.0, Core/DateTime). */
const moment = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' }
const hex = { type: 'string', pattern: '^[0-9a-f]+$' }

/** Clauses 6 to 12 of SPDX 2.3 with the cardinalities of its JSON form (annex H), as far as we write it: what we do not write is not allowed. */
const annotation = closed(['annotationDate', 'annotationType', 'annotator', 'comment'], {
  annotationDate: moment,
  annotationType: one('OTHER', 'REVIEW'),
  annotator: { type: 'string', pattern: '^(?:Person|Organization|Tool): \\S' },
  comment: text,
})
const spdxId = { type: 'string', pattern: '^SPDXRef-[a-zA-Z0-9.-]+$' }
const spdx2 = closed(['spdxVersion', 'dataLicense', 'SPDXID', 'name', 'documentNamespace', 'creationInfo', 'packages', 'relationships'], {
  spdxVersion: one('SPDX-2.3'),
  dataLicense: one('CC0-1.0'),
  SPDXID: one('SPDXRef-DOCUMENT'),
  name: text,
  // clause 6.5: an absolute URI, without a fragment
  documentNamespace: { type: 'string', pattern: '^[a-z][a-z0-9+.-]*:[^#\\s]+$' },
  creationInfo: closed(['created', 'creators'], {
    created: moment,
    creators: listOf({ type: 'string', pattern: '^(?:Person|Organization|Tool): \\S' }),
    comment: text,
  }),
  packages: listOf(
    closed(['name', 'SPDXID', 'downloadLocation'], {
      name: text,
      SPDXID: spdxId,
      versionInfo: text,
      summary: text,
      downloadLocation: one('NONE', 'NOASSERTION'),
      // without files of it no verification code may be there (clause 7.9)
      filesAnalyzed: { const: false },
      checksums: listOf(
        closed(['algorithm', 'checksumValue'], {
          algorithm: one(
            'SHA1',
            'SHA224',
            'SHA256',
            'SHA384',
            'SHA512',
            'SHA3-256',
            'SHA3-384',
            'SHA3-512',
            'BLAKE2b-256',
            'BLAKE2b-384',
            'BLAKE2b-512',
            'BLAKE3',
            'MD2',
            'MD4',
            'MD5',
            'MD6',
            'ADLER32',
          ),
          checksumValue: hex,
        }),
      ),
      licenseConcluded: text,
      licenseDeclared: text,
      copyrightText: text,
      externalRefs: listOf(
        closed(['referenceCategory', 'referenceType', 'referenceLocator'], {
          referenceCategory: one('PACKAGE-MANAGER', 'SECURITY', 'PERSISTENT-ID', 'OTHER'),
          referenceType: one('purl'),
          referenceLocator: { type: 'string', pattern: '^pkg:\\S+$' },
        }),
      ),
      primaryPackagePurpose: one('APPLICATION', 'CONTAINER', 'DEVICE', 'LIBRARY'),
      annotations: listOf(annotation),
    }),
  ),
  relationships: listOf(
    closed(['spdxElementId', 'relationshipType', 'relatedSpdxElement'], {
      spdxElementId: spdxId,
      relationshipType: one('DESCRIBES', 'CONTAINS', 'DEPENDS_ON'),
      relatedSpdxElement: spdxId,
    }),
  ),
  hasExtractedLicensingInfos: listOf(
    closed(['licenseId', 'extractedText'], {
      licenseId: { type: 'string', pattern: '^LicenseRef-[a-zA-Z0-9.-]+$' },
      extractedText: text,
      name: text,
      comment: text,
    }),
  ),
  annotations: listOf(annotation),
})

/** Classes of SPDX 3.0.1 with their properties and cardinalities, under the names of its JSON-LD context, as far as we write them. */
const address = { type: 'string', pattern: '^[a-z][a-z0-9+.-]*:\\S+$' }
const element = (type: string, required: readonly string[], properties: object) =>
  closed(['type', 'spdxId', 'creationInfo', ...required], {
    type: { const: type },
    spdxId: address,
    creationInfo: { const: '_:creation' },
    name: text,
    summary: text,
    ...properties,
  })
const spdx3 = closed(['@context', '@graph'], {
  '@context': { const: 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' },
  '@graph': listOf({
    oneOf: [
      closed(['type', '@id', 'specVersion', 'created', 'createdBy'], {
        type: { const: 'CreationInfo' },
        '@id': { const: '_:creation' },
        specVersion: { const: '3.0.1' },
        created: moment,
        createdBy: listOf(address),
      }),
      element('SoftwareAgent', ['name'], {}),
      element('SpdxDocument', ['rootElement'], {
        profileConformance: listOf(one('core', 'software', 'simpleLicensing')),
        rootElement: { ...listOf(address), maxItems: 1 },
        element: listOf(address),
      }),
      element('software_Sbom', ['rootElement'], {
        rootElement: listOf(address),
        element: listOf(address),
        software_sbomType: listOf(one('analyzed', 'build', 'deployed', 'design', 'runtime', 'source')),
      }),
      element('software_Package', ['name'], {
        software_packageVersion: text,
        software_packageUrl: { type: 'string', pattern: '^pkg:\\S+$' },
        software_primaryPurpose: one('application', 'container', 'device', 'library', 'operatingSystem'),
        externalIdentifier: listOf(
          closed(['type', 'externalIdentifierType', 'identifier'], {
            type: { const: 'ExternalIdentifier' },
            externalIdentifierType: one('packageUrl'),
            identifier: text,
          }),
        ),
        verifiedUsing: listOf(
          closed(['type', 'algorithm', 'hashValue'], {
            type: { const: 'Hash' },
            algorithm: one(
              'blake2b256',
              'blake2b384',
              'blake2b512',
              'blake3',
              'md5',
              'sha1',
              'sha224',
              'sha256',
              'sha384',
              'sha3_256',
              'sha3_384',
              'sha3_512',
              'sha512',
            ),
            hashValue: hex,
          }),
        ),
      }),
      element('Relationship', ['from', 'to', 'relationshipType'], {
        from: address,
        to: listOf(address),
        relationshipType: one('contains', 'dependsOn', 'hasDeclaredLicense'),
        completeness: one('complete', 'incomplete', 'noAssertion'),
      }),
      element('Annotation', ['annotationType', 'subject'], { annotationType: one('other', 'review'), subject: address, statement: text }),
      element('simplelicensing_LicenseExpression', ['simplelicensing_licenseExpression'], {
        simplelicensing_licenseExpression: text,
        simplelicensing_customIdToUri: listOf(
          closed(['type', 'key', 'value'], { type: { const: 'DictionaryEntry' }, key: text, value: address }),
        ),
      }),
      element('simplelicensing_SimpleLicensingText', ['simplelicensing_licenseText'], { simplelicensing_licenseText: text }),
    ],
  }),
})

const ajv = new Ajv({ allErrors: true, discriminator: false })
const shapes = { 2: ajv.compile(spdx2), 3: ajv.compile(spdx3) }

type Json = Readonly<Record<string, unknown>>
const records = (value: unknown): readonly Json[] => (value ?? []) as readonly Json[]

/** What an SPDX 2.3 document breaks of the specification. */
export function brokenRules2(document: Json): readonly string[] {
  const packages = records(document['packages'])
  const ids = ['SPDXRef-DOCUMENT', ...packages.map((one) => one['SPDXID'] as string)]
  const relationships = records(document['relationships'])
  const ends = relationships.flatMap((one) => [one['spdxElementId'], one['relatedSpdxElement']] as string[])
  const defined = records(document['hasExtractedLicensingInfos']).map((one) => one['licenseId'] as string)
  const named = packages.flatMap((one) => String(one['licenseDeclared']).match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? [])
  return [
    ...shape(2, document),
    ...repeated(ids, 'SPDXID'),
    ...missing(ends, ids, 'a relationship of'),
    // clause 6: a document says what it is about
    ...(relationships.some((one) => one['spdxElementId'] === 'SPDXRef-DOCUMENT' && one['relationshipType'] === 'DESCRIBES')
      ? []
      : ['it describes nothing']),
    ...missing(named, defined, 'a licence'),
    ...missing(defined, named, 'a text for no licence:'),
  ]
}

/** What an SPDX 3.0 document breaks of the specification. */
export function brokenRules3(document: Json): readonly string[] {
  const graph = records(document['@graph'])
  const ids = graph.flatMap((one) => (one['spdxId'] as string | undefined) ?? [])
  const named = graph.flatMap((one) =>
    [
      one['from'],
      one['to'],
      one['subject'],
      one['element'],
      one['rootElement'],
      one['createdBy'],
      records(one['simplelicensing_customIdToUri']).map(({ value }) => value),
    ]
      .flat()
      .filter((id) => typeof id === 'string'),
  )
  const contained = graph.filter(({ type }) => type === 'SpdxDocument').flatMap((one) => one['element'] as string[])
  const others = graph.filter(({ type }) => type !== 'SpdxDocument' && type !== 'CreationInfo').map((one) => one['spdxId'] as string)
  return [
    ...shape(3, document),
    ...repeated(ids, 'spdxId'),
    ...missing(named, ids, 'a reference to'),
    ...missing(others, contained, 'not in the document:'),
  ]
}

function shape(version: 2 | 3, document: Json): readonly string[] {
  const valid = shapes[version]
  return valid(document) ? [] : (valid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const repeated = (ids: readonly string[], what: string) => ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${what} ${id} twice`)
function missing(named: readonly string[], there: readonly string[], what: string): readonly string[] {
  const known = new Set(there)
  return named.filter((id) => !known.has(id)).map((id) => `${what} ${id}, which is not there`)
}
