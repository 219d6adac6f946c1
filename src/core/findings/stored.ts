import { type RawBuilder, sql } from 'kysely'
import { systemTypes } from '../../model/component.ts'

/** Members of `resource.facts` and `issue.packages`, read over the aliases `r` and `p`. */
export const resourceFact = (block: 'ec2' | 'ecr' | 'lambda', name: string): RawBuilder<string | null> =>
  sql<string | null>`r.facts->${sql.lit(block)}->>${sql.lit(name)}`
/** A list among the facts as rows of one text. */
export const resourceFacts = (block: 'ecr' | 'lambda', name: string): RawBuilder<unknown> =>
  sql`jsonb_array_elements_text(coalesce(r.facts->${sql.lit(block)}->${sql.lit(name)}, '[]'))`

// An image outside ECR has names such as `registry.example/team/app:1.2`: registry (where the first part has a dot, a
// colon or is localhost), repository, tag (distribution reference grammar).
const imageNames = sql`jsonb_array_elements_text(coalesce(r.facts->'imageNames', '[]'))`
const bare = sql`regexp_replace(regexp_replace(image.name, '@.*$', ''), ':[^/:]*$', '')`
const registry = sql`substring(${bare} from '^([^/]*[.:][^/]*|localhost)/')`
const rows = (own: RawBuilder<unknown>, ecr: RawBuilder<unknown>) =>
  sql`(select ${own} from ${imageNames} image(name) union select x.value from ${ecr} where x.value is not null)`
export const imageRegistries = rows(registry, sql`(values (${resourceFact('ecr', 'registry')})) x(value)`)
export const imageRepositories = rows(
  sql`regexp_replace(${bare}, '^([^/]*[.:][^/]*|localhost)/', '')`,
  sql`(values (${resourceFact('ecr', 'repositoryName')})) x(value)`,
)
export const imageTags = rows(
  sql`substring(regexp_replace(image.name, '@.*$', '') from ':([^/:]*)$')`,
  sql`${resourceFacts('ecr', 'imageTags')} x(value)`,
)

/** Versions of operating system packages come in parts: epoch, version, release. Elsewhere the version is whole. */
const ofSystem = sql`(p->>'type' in (${sql.join([...systemTypes].map((type) => sql.lit(type)))}))`
export const packageEpoch = sql<
  number | null
>`case when ${ofSystem} then coalesce(substring(p->>'version' from '^([0-9]{1,9}):'), '0')::numeric end`
export const packageVersion = sql<string>`case when ${ofSystem} then regexp_replace(regexp_replace(p->>'version', '^[0-9]{1,9}:', ''), '-[^-]*$', '') else p->>'version' end`
export const packageRelease = sql<string | null>`case when ${ofSystem} then substring(p->>'version' from '-([^-]*)$') end`

/** `DEBIAN_12`: as `platformOf` tells it of one resource. */
export const platform = sql<
  string | null
>`coalesce(r.facts->>'platform', nullif(upper(regexp_replace(concat_ws('_', r.facts#>>'{os,id}', r.facts#>>'{os,version}'), '[^A-Za-z0-9]', '_', 'g')), ''))`
