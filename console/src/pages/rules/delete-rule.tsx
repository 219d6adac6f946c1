import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { FilterItem } from '../../api/types.ts'
import { Failure } from '../../parts/failure.tsx'
import { counted } from '../../parts/words.ts'
import { useDeleteRule } from './use-rules.ts'

/** Asks before a rule goes: by its name, and by what comes back. */
export function DeleteRule(props: { readonly rule: FilterItem; readonly onDeleted: () => void; readonly onDismiss: () => void }) {
  const { rule, onDeleted, onDismiss } = props
  const remove = useDeleteRule()
  const { name, action, hides, sentence } = rule
  return (
    <Modal
      visible
      header={`Delete ${name}`}
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button variant="primary" loading={remove.isPending} onClick={() => remove.mutate(rule, { onSuccess: onDeleted })}>
              {hides === undefined ? `Delete ${name}` : `Delete ${name} and show ${counted(hides, 'finding')}`}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box variant="p">
          {action === 'NONE'
            ? `A saved search hides nothing: ${sentence}.`
            : `It hides ${hides === undefined ? 'more findings than are counted here' : counted(hides, 'finding')} where ${sentence}. They become active again, but for those another rule hides too.`}
        </Box>
        {remove.error !== null && <Failure error={remove.error} affects={`${name}: it was not deleted`} />}
      </SpaceBetween>
    </Modal>
  )
}
