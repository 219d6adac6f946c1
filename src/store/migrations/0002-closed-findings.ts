/**
 * Closed findings in the order of their closing: the default order of the list asks for them (last observed first), and
 * the newest closing of a long list is not to be found by sorting it. Partial, so that open findings do not pay for it.
 */
export const closedFindings = /* sql */ `
create index finding_closed on finding (closed_at, resource_id, n) where status = 3;
`
