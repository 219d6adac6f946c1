import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import type { Finding, Page } from '../../api/types.ts'
import { toApi } from '../findings/criteria.ts'

const days = 7
type Day = { readonly day: string; readonly count: number }

/**
 * Active findings by the day they were first observed, oldest day first; undefined where the server does not count them
 * (too many). A count per day is a question per day, so it is asked anew only when `active`, their number, has changed.
 */
export function useTrend(active: number) {
  return useQuery({
    queryKey: [keys.trend, active],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<readonly Day[] | undefined> => {
      const asked = lastDays(new Date()).map(async (day) => {
        const query = { ...toApi({ status: ['ACTIVE'], firstObserved: [day] }), limit: 1 }
        const { total } = await call<Page<Finding>>('/findings', { query, signal })
        return total === undefined ? undefined : { day, count: total }
      })
      const counted = await Promise.all(asked)
      return counted.every((one) => one !== undefined) ? counted : undefined
    },
  })
}

/** Days of the reader's zone as `2026-11-22`, today last. */
function lastDays(today: Date): readonly string[] {
  return Array.from({ length: days }, (_, index) => {
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (days - 1 - index))
    const two = (part: number) => String(part).padStart(2, '0')
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
  })
}
