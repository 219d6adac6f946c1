import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import CollectionPreferences from '@cloudscape-design/components/collection-preferences'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useSession } from '../../api/queries.ts'
import type { FilterItem } from '../../api/types.ts'
import { Failure, notShown } from '../../parts/failure.tsx'
import { Pages } from '../../parts/pages.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { usePrinting } from '../../parts/use-printing.ts'
import { countWords } from '../../parts/words.ts'
import { To } from '../../parts/to.tsx'
import { RuleForm } from '../rules/rule-form.tsx'
import { filteringOptions, filteringProperties, fromTokens, isNarrowed, toTokens } from './criteria.ts'
import { NothingListed } from './nothing-listed.tsx'
import { columns, nameOf } from './table.tsx'
import { pageSizes, type Sort, useFindings } from './use-findings.ts'
import { usePreferences, withPreferences } from './use-preferences.ts'
import { Views } from './views.tsx'

export function FindingsPage() {
  const [preferences, setPreferences] = usePreferences()
  const list = useFindings(preferences.pageSize)
  const navigate = useNavigate()
  const printing = usePrinting()
  const { data, error, isPending, isPlaceholderData, refetch } = list.query
  const { data: session } = useSession()
  const [suppressing, setSuppressing] = useState(false)
  const [made, setMade] = useState<FilterItem>()
  const [locked, why] =
    session?.principal.role === 'viewer'
      ? [true, 'Only operators and administrators may make rules.']
      : [!isNarrowed(list.criteria), 'Filter the list first: a rule without criteria would hide everything.']
  const sortingColumn = columns.find(({ sortingField }) => sortingField === list.sort)
  return (
    <ContentLayout header={<PageHeader title="Findings" description="One vulnerability on one resource, with every component it is on." />}>
      <SpaceBetween size="l">
        {error !== null && <Failure error={error} affects="these findings" onRetry={() => void refetch()} />}
        {made !== undefined && (
          <Alert
            type="success"
            dismissible
            dismissAriaLabel="Close"
            onDismiss={() => setMade(undefined)}
            action={<To to="/rules">Suppression rules</To>}
          >
            {made.name} hides findings where {made.sentence}.
          </Alert>
        )}
        <Table
          // A header that sticks leaves its room behind when it stops to: paper gets a table of its own.
          key={printing ? 'paper' : 'screen'}
          variant="container"
          stickyHeader={!printing}
          resizableColumns
          enableKeyboardNavigation
          wrapLines={preferences.wrapLines}
          contentDensity={preferences.density}
          trackBy="id"
          items={error === null ? (data?.items ?? []) : []}
          loading={isPending || (isPlaceholderData && data?.items.length === 0)}
          loadingText="Reading findings"
          columnDefinitions={columns}
          columnDisplay={preferences.columns}
          {...(sortingColumn === undefined ? {} : { sortingColumn })}
          sortingDescending={list.order === 'desc'}
          onSortingChange={({ detail }) => {
            const sort = columns.find(({ sortingField }) => sortingField === detail.sortingColumn.sortingField)?.sortingField
            if (sort !== undefined)
              list.sortBy(sort, sort === list.sort ? (detail.isDescending === true ? 'desc' : 'asc') : firstOrder(sort))
          }}
          onRowClick={({ detail }) => {
            if (window.getSelection()?.isCollapsed !== false) void navigate(`/findings/${detail.item.id}`)
          }}
          ariaLabels={{ tableLabel: 'Findings', itemSelectionLabel: (_, finding) => nameOf(finding) }}
          header={
            <Header
              counter={counter(list)}
              actions={
                <div className="screen-only">
                  <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                    <Views search={String(withPreferences(list.question(), preferences))} />
                    <Button disabled={locked} {...(locked && { disabledReason: why })} onClick={() => setSuppressing(true)}>
                      Suppress
                    </Button>
                  </SpaceBetween>
                </div>
              }
            >
              {list.trail.page === 0 ? 'Findings' : `Findings, page ${list.trail.page + 1}`}
            </Header>
          }
          filter={
            <PropertyFilter
              query={toTokens(list.criteria)}
              onChange={({ detail }) => list.narrow(fromTokens(detail))}
              filteringProperties={filteringProperties}
              filteringOptions={filteringOptions}
              freeTextFiltering={{ operators: ['^'], defaultOperator: '^' }}
              hideOperations
              expandToViewport
              filteringAriaLabel="Filter findings"
              filteringPlaceholder="Filter by property, or by how a title, id or package begins"
            />
          }
          pagination={<Pages of="findings" trail={list.trail} next={data?.after} busy={isPlaceholderData} />}
          preferences={
            <span className="screen-only">
              <CollectionPreferences
                title="How the list looks"
                confirmLabel="Apply"
                cancelLabel="Cancel"
                preferences={{
                  pageSize: preferences.pageSize,
                  wrapLines: preferences.wrapLines,
                  contentDensity: preferences.density,
                  contentDisplay: preferences.columns,
                }}
                onConfirm={({ detail }) => setPreferences(detail)}
                pageSizePreference={{ title: 'Findings a page', options: pageSizes.map((value) => ({ value, label: String(value) })) }}
                wrapLinesPreference={{ label: 'Wrap lines', description: 'Show the whole text of every cell' }}
                contentDensityPreference={{ label: 'Compact rows', description: 'More rows on one screen' }}
                contentDisplayPreference={{
                  title: 'Columns',
                  options: columns.map(({ id, header, isRowHeader }) => ({
                    id,
                    label: String(header),
                    alwaysVisible: isRowHeader === true,
                  })),
                }}
              />
            </span>
          }
          empty={
            data !== undefined && error === null ? (
              <NothingListed page={data} criteria={list.criteria} narrow={list.narrow} />
            ) : (
              notShown(error)
            )
          }
        />
      </SpaceBetween>
      {suppressing && (
        <RuleForm
          criteria={list.criteria}
          onDismiss={() => setSuppressing(false)}
          onSaved={(rule) => {
            setMade(rule)
            setSuppressing(false)
          }}
        />
      )}
    </ContentLayout>
  )
}

/** Names are read from A, all else from the worst or newest. */
const firstOrder = (sort: Sort): 'asc' | 'desc' => (sort === 'vulnerability' || sort === 'resource' ? 'asc' : 'desc')

/** Exact where the server counted just now, else "about", or what is known for certain. */
function counter({ query: { data }, total, trail }: ReturnType<typeof useFindings>): string {
  if (data === undefined) return ''
  if (total !== undefined) return `(${trail.page === 0 ? '' : 'about '}${countWords(total)})`
  return data.after === undefined ? '' : `(more than ${countWords(data.items.length)})`
}
