import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** `name/version`, perhaps `@user/channel`, `#revision`, `%time` or `:package` behind it (docs.conan.io, "Conan references"). */
export function conanComponent(reference: string): Component | undefined {
  const [, name, version, user, channel] =
    /^([a-zA-Z0-9_][\w+.-]{1,100})\/([a-zA-Z0-9_][\w+.-]{0,100})(?:@(?:([\w+.-]{1,101})\/([\w+.-]{1,101}))?)?(?:[#%:]|$)/.exec(
      reference.slice(0, 1024),
    ) ?? []
  if (name === undefined || version === undefined) return undefined
  // somebody's own build of it: the purl's namespace is the user then, as with a channel it needs one
  if (user === undefined || channel === undefined || user === '_')
    return { purl: purlOf('conan', undefined, name, version), type: 'conan', name, version }
  return { purl: purlOf('conan', user, name, version, { user, channel }), type: 'conan', name: `${user}/${name}`, version }
}
