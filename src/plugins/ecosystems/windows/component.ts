import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** A program as the list of installed programs has it. The publisher, where one is told, is the purl's namespace. */
export function programComponent(name: string, version: string, publisher?: string): Component | undefined {
  if (!isName(name) || !/^[!-~]{1,100}$/.test(version)) return undefined
  const by = publisher !== undefined && isName(publisher) && !/[/\\]|^\.+$/.test(publisher) ? publisher : undefined
  return { purl: purlOf('windows', by, name, version), type: 'windows', name: by === undefined ? name : `${by}/${name}`, version }
}

/** An update by its number in Microsoft's knowledge base; undefined: it has none. */
export function updateComponent(text: string): Component | undefined {
  const number = /\bKB(\d{6,8})\b/i.exec(text.slice(0, 1_000))?.[1]
  if (number === undefined) return undefined
  return { purl: purlOf('windows', undefined, 'update', `KB${number}`), type: 'windows', name: 'update', version: `KB${number}` }
}

const isName = (text: string): boolean => text.length <= 300 && /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u.test(text)
