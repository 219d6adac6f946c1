/**
 * Who looks at targets, and what is due to be looked at. Paths of a target belong to a machine, and so do its looks. Times
 * here are the database's own: machines compare them.
 */
export const looks = /* sql */ `
-- Processes that look at the targets of their machine.
create table worker (
  id uuid primary key,
  machine text not null,
  seen_at timestamptz not null,
  stopped_at timestamptz
);
create index worker_machine on worker (machine);

-- Looks due or under way because something changed or somebody asked; looks of the hourly round are not in here.
create table look (
  machine text not null,
  target text not null,
  due_at timestamptz not null,
  primary key (machine, target)
);

-- null with a target: an older release looked at it last, and did not note where.
alter table resource add column machine text;
update resource set machine = facts ->> 'hostname' where target is not null;
`
