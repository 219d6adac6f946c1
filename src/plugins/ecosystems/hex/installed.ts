import type { Extracted, Extractor, ScanFile } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { hexComponent } from './component.ts'
import { listAt, memberOf, textAt } from './locked.ts'
import { readTerms, type Term } from './terms.ts'

/** Applications that come with Erlang/OTP and with Elixir: they are no packages of Hex. */
const own = new Set(
  `asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_interface erts et eunit ftp hipe inets jinterface
  kernel megaco mnesia observer odbc os_mon otp_mibs parsetools public_key reltool runtime_tools sasl snmp ssh ssl stdlib syntax_tools tftp
  tools wx xmerl eex elixir ex_unit iex logger mix`.split(/\s+/),
)

/** Built applications, in a build (`_build/ENV/lib`) or in a release (`lib/NAME-VERSION`): `ebin/NAME.app` (Erlang/OTP, app(4)). */
export const application = {
  id: 'hex/application',
  version: 1,
  title: 'Erlang and Elixir applications',
  alone: true,
  names: ['*.app'],
  wants: ({ path }) => {
    const name = /(?:^|\/)lib\/([a-z]\w*)(?:-[^/]+)?\/ebin\/\1\.app$/.exec(path)?.[1]
    return name !== undefined && !own.has(name)
  },
  async read(file) {
    const [term] = readTerms(await file.text(), 'erlang')
    const name = textAt(term, 1)
    const version = memberOf(listAt(term, 2), 'vsn')
    const told = textAt(term, 0) === 'application' && typeof version === 'string' ? version : undefined
    return found(this.id, file, name, told, memberOf(listAt(term, 2), 'licenses'))
  },
} satisfies Extractor

/** What Hex notes of a package where it unpacks it: `hex_metadata.config` (hex_core, "metadata"). */
export const metadata = {
  id: 'hex/metadata',
  version: 1,
  title: 'Unpacked packages of Hex',
  alone: true,
  names: ['hex_metadata.config'],
  wants: ({ path }) => path.endsWith('/hex_metadata.config'),
  async read(file) {
    const terms = readTerms(await file.text(), 'erlang')
    const [name, version] = [memberOf(terms, 'name'), memberOf(terms, 'version')]
    return found(
      this.id,
      file,
      typeof name === 'string' ? name : undefined,
      typeof version === 'string' ? version : undefined,
      memberOf(terms, 'licenses'),
    )
  },
} satisfies Extractor

function found(
  extractor: string,
  file: ScanFile,
  name: string | undefined,
  version: string | undefined,
  licences: Term | undefined,
): Extracted {
  const component = name === undefined || version === undefined ? undefined : hexComponent(name, version)
  if (component === undefined)
    return { occurrences: [], gaps: gapsOf(extractor, file.path, ['expected the name and the version of a package']) }
  const told = (typeof licences === 'object' ? licences : []).filter((one) => typeof one === 'string' && one !== '')
  const names = told.map(String).sort()
  return { occurrences: [{ component, at: { path: file.path }, extractor, ...(names.length > 0 && { licences: names }) }], gaps: [] }
}
