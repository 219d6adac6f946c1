import BarChart from '@cloudscape-design/components/bar-chart'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { Failure } from '../../parts/failure.tsx'
import { To } from '../../parts/to.tsx'
import { countWords } from '../../parts/words.ts'
import { useTrend } from './use-trend.ts'

const short = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' })
const dayWords = (day: string): string => short.format(new Date(`${day}T00:00:00`))

/** The last seven days: how many of today's active findings appeared on each. */
export function TrendBox({ active }: { readonly active: number }) {
  const { data, error, isPending, refetch } = useTrend(active)
  const most = Math.max(1, ...(data ?? []).map(({ count }) => count))
  return (
    <Container header={<Header variant="h2">New in the last seven days</Header>} fitHeight>
      {error !== null && <Failure error={error} affects="the trend" onRetry={() => void refetch()} />}
      {error === null && !isPending && data === undefined && (
        <Box color="text-body-secondary">There are too many findings to count by day here.</Box>
      )}
      {error === null && (isPending || data !== undefined) && (
        <BarChart
          statusType={isPending ? 'loading' : 'finished'}
          height={180}
          hideFilter
          hideLegend
          xScaleType="categorical"
          yDomain={[0, most]}
          ariaLabel="Active findings by the day they were first observed"
          xTitle="Day first observed"
          yTitle="Active findings"
          series={[{ type: 'bar', title: 'Active findings', data: (data ?? []).map(({ day, count }) => ({ x: day, y: count })) }]}
          i18nStrings={{ xTickFormatter: dayWords, yTickFormatter: (value) => (Number.isInteger(value) ? countWords(value) : '') }}
          detailPopoverFooter={(day) => <To to={`/findings?status=ACTIVE&firstObserved=${day}`}>Open these findings</To>}
        />
      )}
    </Container>
  )
}
