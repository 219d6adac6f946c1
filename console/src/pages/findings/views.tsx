import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useViews } from './use-views.ts'

/** Opens, saves and shares views. `search` is the present one, whole: filters, order, columns and page size. */
export function Views({ search }: { readonly search: string }) {
  const { views, save, remove } = useViews()
  const navigate = useNavigate()
  const [name, setName] = useState<string>()
  const items: ButtonDropdownProps.ItemOrGroup[] = [
    ...views.map((view) => ({ id: `open ${view.name}`, text: view.name })),
    { id: 'save', text: 'Save this view', iconName: 'add-plus' },
    ...(views.length === 0
      ? []
      : [
          { id: 'remove', text: 'Remove a view', items: views.map((view) => ({ id: `remove ${view.name}`, text: `Remove ${view.name}` })) },
        ]),
  ]
  const choose = (id: string) => {
    const [verb = '', ...rest] = id.split(' ')
    const chosen = views.find((view) => view.name === rest.join(' '))
    if (verb === 'save') setName('')
    else if (verb === 'remove' && chosen !== undefined) remove(chosen.name)
    else if (chosen !== undefined) void navigate(`/findings?${chosen.search}`)
  }
  const keep = () => {
    if (name === undefined || name.trim() === '') return
    save({ name: name.trim(), search })
    setName(undefined)
  }
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <CopyToClipboard
        variant="icon"
        textToCopy={`${location.origin}/findings?${search}`}
        copyButtonAriaLabel="Copy a link to this view"
        copySuccessText="Link copied"
        copyErrorText="Could not copy"
      />
      <ButtonDropdown items={items} expandableGroups onItemClick={({ detail }) => choose(detail.id)}>
        Views
      </ButtonDropdown>
      {name !== undefined && (
        <Modal
          visible
          header="Save this view"
          closeAriaLabel="Close"
          onDismiss={() => setName(undefined)}
          footer={
            <Box float="right">
              <Button variant="primary" disabled={name.trim() === ''} onClick={keep}>
                {views.some((view) => view.name === name.trim()) ? `Replace ${name.trim()}` : 'Save'}
              </Button>
            </Box>
          }
        >
          <FormField label="Name" description="Filters, order, columns and page size, kept in this browser. Others are given the link.">
            <Input
              value={name}
              autoFocus
              onChange={({ detail }) => setName(detail.value)}
              onKeyDown={({ detail }) => detail.key === 'Enter' && keep()}
            />
          </FormField>
        </Modal>
      )}
    </SpaceBetween>
  )
}
