/** Agents of hosts that no worker of ours runs on. `seen_at` is the database's own time: it is compared with its clock. */
export const agents = /* sql */ `
-- Tokens with which a host enrols its agent, by their hash.
create table enrolment (
  hash bytea primary key,
  name text not null,
  account_id bigint not null,
  uses_left integer not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

-- hash: of its credential. state: names the rows it told last, which are kept as it sent them, packed.
create table agent (
  id uuid primary key,
  hash bytea not null unique,
  account_id bigint not null,
  arn text not null,
  hostname text not null,
  version text not null,
  enrolled_with text not null,
  enrolled_at timestamptz not null,
  seen_at timestamptz not null,
  revoked_at timestamptz,
  state bytea,
  told bytea
);
create unique index agent_of_host on agent (arn) where revoked_at is null;
create index agent_arn on agent (arn);
`
