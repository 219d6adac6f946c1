/**
 * A runtime, server or library that is known by what is in it. `holds` is a text that only it has; `version` finds the version
 * near that text or, where it stands alone somewhere else, as the only text of its shape between two NULs. Where digits of something
 * else follow it without a gap, it is as much of them as is also a text of its own.
 */
export type Known = {
  readonly name: string
  /** Link names of the library that this is; without them a program. */
  readonly library?: RegExp
  readonly holds: string
  /** The text is not among those that never change, but among what a program may write to. */
  readonly writable?: true
  /** What it holds, too, where that text alone is not enough. */
  readonly with?: string
  /** What it does not hold: the mark of what was made out of it. */
  readonly without?: string
  readonly version: { readonly near: RegExp } | { readonly alone: RegExp } | { readonly joined: RegExp }
}

/** Numbers of a release, and what marks one that is not final. */
const THREE = String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}`

/** Without 3.2.0, the old character database that each Python has beside its own. */
const PYTHON = /\0(?!3\.2\.0\0)((?:3\.\d{1,2}|2\.7)\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?(?=\0)/g

/** .NET's number of a build, `8.0.1124.51707`: behind the release come its patch and two digits of the year, with patch 0 these alone. */
const DOTNET = /@\(#\)Version (\d{1,2})\.(\d)\.(\d{1,3})\d\d\.\d{1,6} @Commit: [0-9a-f]{40}/
const DOTNET_FIRST = /@\(#\)Version (\d{1,2})\.(0)(?<=(0))\.\d\d\.\d{1,6} @Commit: [0-9a-f]{40}/
const ofDotnet = (name: string, parts: Pick<Known, 'library' | 'with' | 'without'>): readonly Known[] =>
  [DOTNET, DOTNET_FIRST].map((near) => ({ name, ...parts, holds: '@(#)Version ', writable: true, version: { near } }))

/** What each text looks like was seen in builds of these projects; the tests hold one of each. */
export const known: readonly Known[] = [
  {
    name: 'node',
    holds: 'https://nodejs.org/download/',
    // It says which Node.js it is like.
    without: 'DENO_DIR',
    version: { near: new RegExp(String.raw`/node-v(${THREE})(?:-headers)?\.tar\.gz`) },
  },
  // in one file with an application, or compiled into it
  ...ofDotnet('dotnet', { with: 'SystemNative_' }),
  ...ofDotnet('dotnet', { library: /^lib(?:coreclr|hostfxr|hostpolicy)\./ }),
  // only starts a runtime, which has a version of its own
  ...ofDotnet('dotnet-host', { with: 'hostfxr', without: 'SystemNative_' }),
  { name: 'apache', holds: 'Apache/2.', version: { near: new RegExp(String.raw`\0Apache/(${THREE})(?: \([^)\0]{1,80}\))?\0`) } },
  { name: 'bash', holds: '@(#)Bash version ', version: { near: new RegExp(String.raw`@\(#\)Bash version (${THREE})\(`) } },
  { name: 'busybox', holds: 'BusyBox v', version: { near: new RegExp(String.raw`\0BusyBox v(${THREE}) \(`) } },
  { name: 'curl', holds: '\0curl ', version: { near: new RegExp(String.raw`\0curl (${THREE}) \([\w.-]{1,80}\) `) } },
  { name: 'curl', library: /^libcurl(?:-gnutls)?\./, holds: 'libcurl/', version: { near: new RegExp(String.raw`\0libcurl/(${THREE})`) } },
  { name: 'git', holds: 'GIT_USER_AGENT', version: { near: /git\/(\d{1,3}(?:\.\d{1,3}){2,3})\0/ } },
  { name: 'bun', holds: ' npm/? node/v', version: { near: new RegExp(String.raw`bun/(${THREE}) npm/\? node/v`) } },
  { name: 'deno', holds: 'Deno/', version: { near: new RegExp(String.raw`Deno/(${THREE})\+[0-9a-f]{7}`) } },
  {
    name: 'haproxy',
    holds: 'http://www.haproxy.org/',
    version: { alone: new RegExp(String.raw`\0(${THREE})(?:[-+~][\w.+~-]{1,60})?(?=\0)`, 'g') },
  },
  { name: 'libressl', library: /^libcrypto\./, holds: 'LibreSSL ', version: { near: new RegExp(String.raw`\0LibreSSL (${THREE})\0`) } },
  { name: 'mariadb', holds: '-MariaDB', version: { near: new RegExp(String.raw`\0(${THREE})-MariaDB`) } },
  { name: 'memcached', holds: '\0memcached ', version: { near: new RegExp(String.raw`\0memcached (${THREE})\0`) } },
  // InnoDB writes it into its logs
  { name: 'mysql', holds: '\0MySQL ', without: '-MariaDB', version: { near: new RegExp(String.raw`\0MySQL (${THREE})\0`) } },
  { name: 'nginx', holds: 'nginx version: ', version: { near: new RegExp(String.raw`nginx version: nginx/(${THREE})`) } },
  {
    name: 'node',
    library: /^libnode\./,
    holds: 'https://nodejs.org/download/',
    version: { near: new RegExp(String.raw`/node-v(${THREE})(?:-headers)?\.tar\.gz`) },
  },
  {
    name: 'openssl',
    library: /^libcrypto\./,
    holds: 'OpenSSL ',
    version: { near: new RegExp(String.raw`\0OpenSSL (\d\.\d{1,2}\.\d{1,3}[a-z]{0,2}) +\d{1,2} [A-Z][a-z]{2} \d{4}`) },
  },
  { name: 'perl', holds: 'This is perl 5, version ', version: { near: /This is perl (5), version (\d{1,3}), subversion (\d{1,3}) \(/ } },
  {
    name: 'perl',
    library: /^libperl\./,
    holds: 'This is perl 5, version ',
    version: { near: /This is perl (5), version (\d{1,3}), subversion (\d{1,3}) \(/ },
  },
  { name: 'php', holds: 'X-Powered-By: PHP/', version: { near: new RegExp(String.raw`X-Powered-By: PHP/(${THREE})`) } },
  {
    name: 'php',
    library: /^libphp\d?\./,
    holds: 'X-Powered-By: PHP/',
    version: { near: new RegExp(String.raw`X-Powered-By: PHP/(${THREE})`) },
  },
  {
    name: 'postgresql',
    holds: '\0PostgreSQL ',
    version: { near: /\0PostgreSQL (\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)(?: \([^)\0]{1,80}\))? on [\w.-]{1,80}, compiled by / },
  },
  { name: 'python', holds: ': alternate <prefix> directory (or <prefix>', version: { alone: PYTHON } },
  { name: 'python', library: /^libpython[23]\.\d/, holds: ': alternate <prefix> directory (or <prefix>', version: { alone: PYTHON } },
  // its build follows it in one text
  { name: 'valkey', holds: '\0valkey', version: { joined: new RegExp(String.raw`\0valkey(${THREE})`) } },
  {
    name: 'redis',
    holds: '-builtin\0',
    without: 'valkey',
    version: { near: new RegExp(String.raw`\0(${THREE})\0(?:c11|atomic|sync)-builtin\0`) },
  },
  {
    name: 'ruby',
    holds: '\0ruby ',
    version: { near: new RegExp(String.raw`\0ruby (${THREE})(?:p-?\d{1,4}|dev|preview\d|rc\d)? \(\d{4}-\d\d-\d\d`) },
  },
  {
    name: 'ruby',
    library: /^libruby(?:-\d\.\d)?\./,
    holds: '\0ruby ',
    version: { near: new RegExp(String.raw`\0ruby (${THREE})(?:p-?\d{1,4}|dev|preview\d|rc\d)? \(\d{4}-\d\d-\d\d`) },
  },
  { name: 'dnsmasq', holds: '\0dnsmasq-', version: { near: /\0dnsmasq-(\d\.\d{1,3})\0version\.bind\0/ } },
  { name: 'dovecot', holds: 'Dovecot v', version: { near: new RegExp(String.raw`Dovecot v(${THREE}(?:\.\d{1,3})?) \(`) } },
  { name: 'erts', holds: '(BEAM) emulator version ', version: { near: /emulator version (\d{1,3}(?:\.\d{1,3}){1,4})\n/ } },
  { name: 'exim', holds: '<<eximversion>>', version: { near: /\0(\d\.\d{2,3}(?:\.\d{1,3})?)\0<<eximversion>>\0/ } },
  { name: 'lighttpd', holds: 'lighttpd/1.', version: { near: new RegExp(String.raw`\0lighttpd/(${THREE})\0`) } },
  {
    name: 'modsecurity',
    library: /^libmodsecurity\./,
    holds: 'ModSecurity v',
    version: { near: new RegExp(String.raw`\0ModSecurity v(${THREE}) \(`) },
  },
  { name: 'openldap', holds: '$OpenLDAP: slapd ', version: { near: new RegExp(String.raw`\$OpenLDAP: slapd (${THREE})[^\d.]`) } },
  { name: 'openssh', holds: '\0OpenSSH_', version: { near: /\0OpenSSH_(\d{1,2}\.\d{1,2}p\d{1,2})(?: [^\0]{1,80})?\0/ } },
  { name: 'openvpn', holds: '\0OpenVPN ', version: { near: new RegExp(String.raw`\0OpenVPN (${THREE}) [\w.-]{1,80} \[`) } },
  { name: 'pgbouncer', holds: '\0PgBouncer ', version: { near: new RegExp(String.raw`\0PgBouncer (${THREE})\0`) } },
  { name: 'pgpool', holds: '\0pgpool-II\0', version: { near: new RegExp(String.raw`\0(${THREE})\0pgpool-II\0`) } },
  {
    name: 'postfix',
    library: /^libpostfix-global\./,
    holds: '\0mail_version\0',
    version: { near: new RegExp(String.raw`\0mail_version\0(${THREE})\0`) },
  },
  { name: 'proftpd', holds: '\0ProFTPD Version ', version: { near: new RegExp(String.raw`\0ProFTPD Version (${THREE}[a-z]?)\0`) } },
  { name: 'rsync', holds: '\0copyright\0url\0', version: { near: new RegExp(String.raw`\0(${THREE})\0copyright\0url\0`) } },
  { name: 'squid', holds: '\0squid/', version: { near: /\0squid\/(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)\0/ } },
  {
    name: 'sudo',
    holds: '\0Sudo version %s\n\0',
    version: { near: new RegExp(String.raw`\0Sudo version %s\n\0(${THREE}(?:p\d{1,2})?)\0`) },
  },
  { name: 'tor', holds: '\0tor 0.', version: { near: /\0tor (0(?:\.\d{1,3}){3})\0/ } },
  { name: 'unbound', holds: '\0unbound 1.', version: { near: new RegExp(String.raw`\0unbound (${THREE})\0`) } },
  { name: 'varnish', holds: '\0varnish-', version: { near: new RegExp(String.raw`\0varnish-(${THREE}) revision `) } },
  { name: 'vsftpd', holds: 'vsftpd: version ', version: { near: new RegExp(String.raw`vsftpd: version (${THREE})\n`) } },
  // the interpreter alone: other programs have the language in them
  { name: 'lua', holds: 'handling options and execute stdin\n', version: { near: new RegExp(String.raw`\0Lua (${THREE})  Copyright`) } },
  { name: 'lua', library: /^liblua\d/, holds: '$LuaVersion: ', version: { near: new RegExp(String.raw`\$LuaVersion: Lua (${THREE}) `) } },
  { name: 'sqlite', library: /^libsqlite3\./, holds: 'SQLITE_', version: { alone: /[^\d.](3\.\d{1,2}\.\d{1,2})(?=\0)/g } },
  { name: 'zlib', library: /^libz\./, holds: ' deflate ', version: { near: / deflate (\d\.\d{1,2}(?:\.\d{1,3}){0,2}) Copyright/ } },
]

/** Programs that only start a library, by the link names of these. */
export const starters = /^lib(?:python\d|perl\.|ruby|php|node\.|jli\.)/
