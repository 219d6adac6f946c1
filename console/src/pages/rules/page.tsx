import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { useSession } from '../../api/queries.ts'
import type { FilterItem } from '../../api/types.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure, notShown } from '../../parts/failure.tsx'
import { PageHeader } from '../../parts/page-header.tsx'
import { usePrinting } from '../../parts/use-printing.ts'
import { Pages } from '../../parts/pages.tsx'
import { To } from '../../parts/to.tsx'
import { DeleteRule } from './delete-rule.tsx'
import { RuleForm } from './rule-form.tsx'
import { columns } from './table.tsx'
import { useRules, useSaveRule } from './use-rules.ts'

type Open = { readonly is: 'new' } | { readonly is: 'change' | 'delete'; readonly rule: FilterItem }

export function RulesPage() {
  const { data: session } = useSession()
  const printing = usePrinting()
  const { query, trail } = useRules()
  const { data, error, isPending, isPlaceholderData, refetch } = query
  const [open, setOpen] = useState<Open>()
  const [deleted, setDeleted] = useState<FilterItem>()
  const viewer = session?.principal.role === 'viewer'
  const close = () => setOpen(undefined)
  return (
    <ContentLayout
      header={
        <PageHeader
          title="Suppression rules"
          description="What is hidden on purpose, and how much. Hidden findings are kept, and stay true."
          actions={
            <div className="screen-only">
              <Button
                disabled={viewer}
                {...(viewer && { disabledReason: 'Only operators and administrators may make rules.' })}
                onClick={() => setOpen({ is: 'new' })}
              >
                New rule
              </Button>
            </div>
          }
        />
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Failure error={error} affects="suppression rules" onRetry={() => void refetch()} />}
        {deleted !== undefined && <Deleted key={deleted.arn} rule={deleted} onDismiss={() => setDeleted(undefined)} />}
        <Table<FilterItem>
          variant="container"
          wrapLines
          cellVerticalAlign="top"
          trackBy="arn"
          loading={isPending}
          loadingText="Reading rules"
          items={error === null ? (data?.items ?? []) : []}
          columnDefinitions={viewer || printing ? columns : [...columns, { id: 'do', header: 'Actions', minWidth: 120, cell: buttons }]}
          ariaLabels={{ tableLabel: 'Suppression rules' }}
          header={
            <Header counter={data === undefined || trail.page > 0 || data.after !== undefined ? '' : `(${data.items.length})`}>
              Rules and saved searches
            </Header>
          }
          stickyColumns={{ last: viewer ? 0 : 1 }}
          {...((trail.page > 0 || data?.after !== undefined) && {
            pagination: <Pages of="rules" trail={trail} next={data?.after} busy={isPlaceholderData} />,
          })}
          empty={
            notShown(error) ?? (
              <Empty title="No rule" action={<To to="/findings?status=ACTIVE">Findings</To>}>
                Nothing is hidden. A rule is made from a filter of the findings, or here.
              </Empty>
            )
          }
        />
      </SpaceBetween>
      {open?.is === 'new' && <RuleForm onSaved={close} onDismiss={close} />}
      {open?.is === 'change' && <RuleForm rule={open.rule} onSaved={close} onDismiss={close} />}
      {open?.is === 'delete' && (
        <DeleteRule
          rule={open.rule}
          onDismiss={close}
          onDeleted={() => {
            setDeleted(open.rule)
            close()
          }}
        />
      )}
    </ContentLayout>
  )

  function buttons(rule: FilterItem) {
    return (
      <SpaceBetween direction="horizontal" size="s">
        {rule.action === 'SUPPRESS' && (
          <Button variant="inline-link" ariaLabel={`Change ${rule.name}`} onClick={() => setOpen({ is: 'change', rule })}>
            Change
          </Button>
        )}
        <Button variant="inline-link" ariaLabel={`Delete ${rule.name}`} onClick={() => setOpen({ is: 'delete', rule })}>
          Delete
        </Button>
      </SpaceBetween>
    )
  }
}

/** A rule that is gone can be made again as it was, but for its ARN. */
function Deleted({ rule, onDismiss }: { readonly rule: FilterItem; readonly onDismiss: () => void }) {
  const again = useSaveRule()
  const { name, action, criteria, reason, description } = rule
  const input = { name, action, criteria, ...(reason !== undefined && { reason }), ...(description !== undefined && { description }) }
  if (again.error !== null) return <Failure error={again.error} affects={`${name}: it was not made again`} />
  return (
    <Alert
      type="info"
      dismissible
      dismissAriaLabel="Close"
      onDismiss={onDismiss}
      action={
        <Button loading={again.isPending} onClick={() => again.mutate(input, { onSuccess: onDismiss })}>
          Undo
        </Button>
      }
    >
      {name} was deleted. What it hid becomes active again.
    </Alert>
  )
}
