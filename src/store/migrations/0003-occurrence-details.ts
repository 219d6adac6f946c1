/** What a manifest asks for, and what a package declares of itself. */
export const occurrenceDetails = /* sql */ `
alter table occurrence add requirement text, add licences text[], add hashes text[];
`
