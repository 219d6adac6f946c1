/** `OIAF` in SQLite's application_id tells the file from other databases; user_version is the format's. */
export const applicationId = 0x4f494146
/** Raise when tables or the JSON in them change: older files are then rebuilt. */
export const formatVersion = 1

/**
 * One row of `package` holds everything to decide upon for one package of one feed, so that a scan costs one read for each
 * package; `advisory` is read for hits only. `ref` is a number inside this file alone.
 */
export const tables = `
  create table meta(body text not null);
  create table advisory(ref integer primary key, feed text not null, body text not null);
  create table package(ecosystem text, name text, feed text, candidates text not null, primary key(ecosystem, name, feed)) without rowid;
  create table name(name text, ref integer, primary key(name, ref)) without rowid;
  create table exploit(vulnerability text primary key, feed text not null, body text not null) without rowid;
  create table probability(cve integer primary key, feed text not null, score integer not null, percentile integer not null);
`

/** What the file knows of one feed. */
export type FeedState = {
  /** Feed and scope: `osv/Debian`, `kev`; `starter` for the built-in set. */
  readonly feed: string
  /** ISO time of the last good load or `unchanged` answer; absent when there never was one. */
  readonly loadedAt?: string
  /** ISO time of the newest content. */
  readonly publishedAt?: string
  readonly cursor?: string
  /** Records that taught something, and records that could not be understood. */
  readonly records: number
  readonly broken: number
  /** Why the last load failed, in words; what was held before is still there. */
  readonly failure?: string
}
export type AdvisoryFileMeta = { readonly writtenAt: string; readonly feeds: readonly FeedState[] }

/** A CVE id as a number, for a small key; undefined when it is none. */
export function cveNumber(id: string): number | undefined {
  const parts = /^CVE-(\d{4})-(\d{4,9})$/.exec(id)
  return parts ? Number(parts[1]) * 1e9 + Number(parts[2]) : undefined
}

/** EPSS gives at most nine decimals. */
export const shareUnit = 1e9
