import ContentLayout from '@cloudscape-design/components/content-layout'
import { Empty } from './empty.tsx'
import { PageHeader } from './page-header.tsx'
import { To } from './to.tsx'

export function Missing() {
  return (
    <ContentLayout header={<PageHeader title="No such page" />}>
      <Empty title="Nothing lives at this address" action={<To to="/">Dashboard</To>}>
        The link may be old or mistyped.
      </Empty>
    </ContentLayout>
  )
}
