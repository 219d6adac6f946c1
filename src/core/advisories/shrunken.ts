import { AppError } from '../../model/errors.ts'

/**
 * Refuses a full snapshot that is empty, or smaller than the one held by more than `maxShare`: a feed that lost a fifth of
 * its records is broken, and believing it would close findings.
 */
export function refuseShrunken(feed: string, previousCount: number, newCount: number, maxShare = 0.2): void {
  if (newCount > 0 && newCount >= previousCount * (1 - maxShare)) return
  const what =
    newCount === 0 ? 'is empty' : `shrank from ${previousCount} to ${newCount} records, by more than ${Math.round(maxShare * 100)} %`
  throw new AppError('upstream', `the feed ${feed} ${what}; what was held is kept`, { details: { feed, previousCount, newCount } })
}
