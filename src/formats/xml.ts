import { AppError } from '../model/errors.ts'

/** An element without its namespace prefix. `text` is its own, without that of the elements in it, blanks around it cut. */
export type XmlElement = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

/** Deeper than any manifest or bill of materials we know of. */
const DEEPEST = 128
/** Where the parser keeps attributes and text. */
const [ATTRIBUTES, TEXT] = [':@', '#text']

const form = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: DEEPEST,
}

type Node = { readonly [name: string]: unknown }

/**
 * The root element of an XML 1.0 document. Throws AppError `invalid` for what is not well formed, nests deeper than 128, or
 * declares entities of its own: nothing is ever expanded but the five of XML itself. The library is loaded by the first document:
 * most looks meet none.
 */
export async function readXml(text: string): Promise<XmlElement> {
  if (/<!ENTITY/i.test(text)) throw notXml('it declares entities, which are not read')
  const { XMLParser, XMLValidator } = await import('fast-xml-parser')
  const nodes = parsed(text, new XMLParser(form))
  const sound = XMLValidator.validate(text)
  if (sound !== true) throw notXml(`${sound.err.msg.slice(0, 200)} (line ${sound.err.line})`)
  const root = nodes.map(elementOf).find((one) => one !== undefined)
  if (root === undefined) throw notXml('it has no element')
  return root
}

/** The first child of that name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

/** Every child of that name. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? []

/** An attribute whatever the case of its name, as MSBuild reads them. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(attributes).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

const notXml = (why: string) => new AppError('invalid', `not XML that can be read: ${why}`)

function parsed(text: string, parser: { parse(text: string): unknown }): readonly Node[] {
  try {
    return parser.parse(text.replace(/^\ufeff/, '')) as readonly Node[]
  } catch (thrown) {
    throw notXml(thrown instanceof Error ? thrown.message.slice(0, 200) : 'it is broken')
  }
}

function elementOf(node: Node): XmlElement | undefined {
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT)
  if (name === undefined) return undefined
  const inside = node[name] as readonly Node[]
  return {
    name,
    attributes: (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>,
    children: inside.map(elementOf).filter((child) => child !== undefined),
    text: inside
      .map((part) => part[TEXT] ?? '')
      .join('')
      .trim(),
  }
}
