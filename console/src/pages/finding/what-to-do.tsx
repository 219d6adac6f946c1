import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { Finding, VulnerablePackage } from '../../api/types.ts'
import { Command } from '../../parts/command.tsx'

/** The command to run, or why there is none. */
export function WhatToDo({ finding }: { readonly finding: Finding }) {
  const packages = finding.packageVulnerabilityDetails?.vulnerablePackages ?? []
  const commands = [...new Set(packages.flatMap(({ remediation }) => remediation ?? []))]
  const { text, Url } = finding.remediation.recommendation ?? {}
  return (
    <Container header={<Header variant="h2">What to do</Header>}>
      <SpaceBetween size="m">
        <FixWord finding={finding} />
        {text !== undefined && text !== 'None Provided' && !commands.includes(text) && <Box variant="p">{text}</Box>}
        {commands.map((command) => (
          <Command key={command} text={command} />
        ))}
        {Url !== undefined && (
          <Link href={Url} external externalIconAriaLabel="Opens in a new tab">
            Advice of the publisher
          </Link>
        )}
        <Table
          variant="embedded"
          items={packages}
          ariaLabels={{ tableLabel: 'Affected packages' }}
          header={<Header variant="h3">Affected packages</Header>}
          empty="This finding names no package."
          wrapLines
          columnDefinitions={[
            {
              id: 'name',
              header: 'Package',
              isRowHeader: true,
              cell: ({ name, arch }) => (arch === undefined ? name : `${name} (${arch})`),
            },
            { id: 'version', header: 'Installed', cell: wholeVersion },
            { id: 'fixed', header: 'Fixed in', cell: ({ fixedInVersion }) => fixedInVersion ?? 'No fixed version known' },
            { id: 'path', header: 'Path', cell: ({ filePath }) => filePath ?? '' },
            { id: 'layer', header: 'Layer', cell: ({ sourceLayerHash }) => sourceLayerHash ?? 'Not from an image layer' },
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}

/** As the package manager writes it: an epoch of 0 goes without saying. */
function wholeVersion({ epoch = 0, version, release }: VulnerablePackage): string {
  return `${epoch === 0 ? '' : `${epoch}:`}${version}${release === undefined ? '' : `-${release}`}`
}

function FixWord({ finding }: { readonly finding: Finding }) {
  switch (finding.fixAvailable) {
    case 'YES':
      return <StatusIndicator type="success">A fixed version exists for every affected package.</StatusIndicator>
    case 'PARTIAL':
      return <StatusIndicator type="warning">A fixed version exists for some of the affected packages.</StatusIndicator>
    case 'NO':
      return (
        <>
          <StatusIndicator type="stopped">No fixed version is known yet.</StatusIndicator>
          <Box color="text-status-inactive">Remove the package or limit who can reach it.</Box>
        </>
      )
    default:
      return <StatusIndicator type="info">Whether a fix exists is unknown.</StatusIndicator>
  }
}
