import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import type { Finding } from '../../api/types.ts'
import { Age } from '../../parts/age.tsx'
import { SeverityBadge } from '../../parts/severity-badge.tsx'
import { To } from '../../parts/to.tsx'
import { findingStatusWords, fixWords, percent, resourceTypeWords, scoreWords } from '../../parts/words.ts'
import type { Sort } from './use-findings.ts'

type Column = TableProps.ColumnDefinition<Finding> & { readonly id: string; readonly sortingField?: Sort; readonly hidden?: boolean }

const exploitWords = { YES: 'Known', NO: 'None known', UNKNOWN: 'Unknown' }

/** Every column there is; `hidden` ones are off until asked for. A finding's name is its vulnerability, or else its title. */
export const columns: readonly Column[] = [
  {
    id: 'severity',
    header: 'Severity',
    sortingField: 'severity',
    width: 130,
    cell: ({ severity }) => <SeverityBadge severity={severity} />,
  },
  { id: 'score', header: 'Score', sortingField: 'score', width: 105, cell: ({ inspectorScore }) => scoreWords(inspectorScore) },
  {
    id: 'vulnerability',
    header: 'Vulnerability',
    sortingField: 'vulnerability',
    isRowHeader: true,
    width: 170,
    cell: (finding) => (
      <>
        <To to={`/findings/${finding.id}`}>{nameOf(finding)}</To>
        {finding.exploitAvailable === 'YES' && (
          <div>
            <StatusIndicator type="warning">Exploit known</StatusIndicator>
          </div>
        )}
      </>
    ),
  },
  { id: 'packages', header: 'Packages', width: 150, cell: packageNames },
  { id: 'resource', header: 'Resource', sortingField: 'resource', width: 155, cell: ({ resources }) => resources[0]?.id ?? 'unknown' },
  { id: 'resourceType', header: 'Resource type', width: 160, hidden: true, cell: ({ resources }) => typeWords(resources[0]) },
  { id: 'fix', header: 'Fix', width: 115, cell: ({ fixAvailable }) => (fixAvailable === undefined ? 'Unknown' : fixWords[fixAvailable]) },
  {
    id: 'exploit',
    header: 'Exploit',
    width: 120,
    hidden: true,
    cell: ({ exploitAvailable }) => exploitWords[exploitAvailable ?? 'UNKNOWN'],
  },
  {
    id: 'epss',
    header: 'EPSS',
    sortingField: 'epss',
    width: 105,
    cell: ({ epss }) => (epss === undefined ? 'Unknown' : percent(epss.score)),
  },
  { id: 'status', header: 'Status', sortingField: 'status', width: 120, hidden: true, cell: ({ status }) => findingStatusWords[status] },
  {
    id: 'age',
    header: 'First observed',
    sortingField: 'firstObservedAt',
    width: 140,
    cell: ({ firstObservedAt }) => <Age time={firstObservedAt} />,
  },
  {
    id: 'last',
    header: 'Last observed',
    sortingField: 'lastObservedAt',
    width: 160,
    hidden: true,
    cell: ({ lastObservedAt }) => <Age time={lastObservedAt} />,
  },
  { id: 'title', header: 'Title', width: 320, hidden: true, cell: ({ title }) => title ?? '' },
  { id: 'account', header: 'Account', width: 140, hidden: true, cell: ({ awsAccountId }) => awsAccountId },
]

export const nameOf = (finding: Finding): string => finding.packageVulnerabilityDetails?.vulnerabilityId ?? finding.title ?? finding.id

function packageNames({ packageVulnerabilityDetails }: Finding): string {
  const names = [...new Set(packageVulnerabilityDetails?.vulnerablePackages?.map(({ name }) => name))]
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}

function typeWords(resource: Finding['resources'][number] | undefined): string {
  return resource === undefined ? 'Unknown' : (resourceTypeWords[resource.type] ?? resource.type)
}
