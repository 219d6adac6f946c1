import { describe, expect, it } from 'vitest'
import { attributeOf, childOf, childrenOf, readXml } from './xml.ts'

describe('readXml', () => {
  it('reads elements, attributes and text, without prefixes', async () => {
    const text =
      '\ufeff<?xml version="1.0"?><!-- c --><b:bom xmlns:b="urn:x" Version="1 &lt; 2"><b:name> a &amp; b </b:name><name/><x><![CDATA[<raw>]]></x></b:bom>'
    const root = await readXml(text)
    expect([root.name, attributeOf(root, 'version')]).toEqual(['bom', '1 < 2'])
    expect(childrenOf(root, 'name').map((child) => child.text)).toEqual(['a & b', ''])
    expect(childOf(root, 'x')?.text).toBe('<raw>')
    expect(childOf(root, 'y')).toBeUndefined()
  })

  it.each([
    ['', 'not XML that can be read: '],
    ['no tags', 'not XML that can be read: '],
    ['<a><b></a>', "Expected closing tag 'b'"],
    ['<a>', 'not XML that can be read: '],
    ['<a', 'not XML that can be read: '],
    ['<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>', 'it declares entities, which are not read'],
    ['<!DOCTYPE a [<!entity x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'it declares entities, which are not read'],
    [`${'<a>'.repeat(200)}${'</a>'.repeat(200)}`, 'Maximum nested tags exceeded'],
    ['<__proto__ a="1"/>', 'Invalid name'],
  ])('refuses %j', async (text, why) => {
    await expect(readXml(text)).rejects.toThrow(why)
  })

  it('does not hang on text that only looks like XML', async () => {
    for (const unit of ['<', '<a>', '&amp;', '<!--', '<a b="', '<![CDATA[', ' '])
      await expect(readXml(unit.repeat(200_000))).rejects.toThrow('not XML')
  })
})
