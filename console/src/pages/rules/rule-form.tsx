import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useSummary } from '../../api/queries.ts'
import type { FilterItem, FilterPreview } from '../../api/types.ts'
import { Failure } from '../../parts/failure.tsx'
import { counted } from '../../parts/words.ts'
import { type Criteria, filteringOptions, filteringProperties, fromInspector, fromTokens, toTokens } from '../findings/criteria.ts'
import { usePreview, useSaveRule } from './use-rules.ts'

/** A rule judges what is open: a status is none of its criteria. */
const properties = filteringProperties.filter(({ key }) => key !== 'status')
const options = filteringOptions.filter(({ propertyKey }) => propertyKey !== 'status')

/** Makes a suppression rule out of criteria, or changes one. Nothing is saved before its reach is shown. */
export function RuleForm(props: {
  readonly rule?: FilterItem
  readonly criteria?: Criteria
  readonly onSaved: (rule: FilterItem) => void
  readonly onDismiss: () => void
}) {
  const { rule, onSaved, onDismiss } = props
  const [name, setName] = useState(rule?.name ?? '')
  const [reason, setReason] = useState(rule?.reason ?? '')
  const [criteria, setCriteria] = useState(props.criteria ?? fromInspector(rule?.criteria ?? {}))
  const { status: _, ...judged } = criteria
  const preview = usePreview(judged)
  const save = useSaveRule(rule?.arn)
  const ready = name.trim().length > 2 && reason.trim() !== '' && preview.data !== undefined

  function submit(): void {
    if (!ready || preview.data === undefined) return
    const input = { name: name.trim(), action: 'SUPPRESS' as const, criteria: preview.data.criteria, reason: reason.trim() }
    save.mutate(input, { onSuccess: onSaved })
  }

  return (
    <Modal
      visible
      size="large"
      header={rule === undefined ? 'Suppress findings' : `Change the rule ${rule.name}`}
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!ready} loading={save.isPending} onClick={submit}>
              {saveWords(name, preview.data)}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <Box variant="p">
          A rule hides matching findings, present and future, until it is changed or deleted. They are kept and stay true; a rule has no end
          date yet.
        </Box>
        <FormField label="Name" constraintText="3 to 64 letters, digits, dots, underscores or dashes">
          <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField label="Findings to hide" stretch>
          <PropertyFilter
            query={toTokens(judged)}
            onChange={({ detail }) => setCriteria(fromTokens(detail))}
            filteringProperties={properties}
            filteringOptions={options}
            freeTextFiltering={{ operators: ['^'], defaultOperator: '^' }}
            hideOperations
            expandToViewport
            filteringAriaLabel="Findings to hide"
            filteringPlaceholder="Add a criterion"
          />
        </FormField>
        <Reach preview={preview} empty={Object.keys(judged).length === 0} />
        <FormField label="Reason" constraintText="Why this may be hidden. Kept with the rule and in the audit chain" stretch>
          <Textarea value={reason} rows={2} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
        {save.error !== null && <Failure error={save.error} affects="the rule: it was not saved" />}
      </SpaceBetween>
    </Modal>
  )
}

function saveWords(name: string, preview: FilterPreview | undefined): string {
  const rule = name.trim() === '' ? 'rule' : name.trim()
  if (preview?.active === undefined) return `Save ${rule}`
  return `Save ${rule} and hide ${counted(preview.active, 'more finding')}`
}

/** What the rule has before it, counted just now. */
function Reach({
  preview: { data, error, isFetching },
  empty,
}: {
  readonly preview: ReturnType<typeof usePreview>
  readonly empty: boolean
}) {
  const { data: summary } = useSummary()
  if (empty) return <StatusIndicator type="info">A rule needs a criterion: without one it would hide everything.</StatusIndicator>
  if (error !== null) return <Failure error={error} affects="what this would hide" />
  if (data === undefined || isFetching) return <StatusIndicator type="loading">Counting what this would hide</StatusIndicator>
  const { active, suppressed } = data
  const all = summary?.severities.all ?? 0
  return (
    <SpaceBetween size="s">
      <div>
        <Box>Hides findings where {data.sentence}.</Box>
        <Box variant="strong">
          {active === undefined ? 'Too many active findings to count' : counted(active, 'active finding')} would be hidden
          {suppressed !== undefined && `; ${counted(suppressed, 'matching finding')} ${suppressed === 1 ? 'is' : 'are'} hidden already`}.
        </Box>
      </div>
      {(active === undefined || (all > 1 && active * 2 > all)) && (
        <Alert type="warning" header="This is a broad rule">
          {active === undefined ? 'It' : `It would hide more than half of ${counted(all, 'active finding')}. It`} also hides whatever
          appears later and matches. Is there a criterion that says which of them were looked at?
        </Alert>
      )}
    </SpaceBetween>
  )
}
