import Badge, { type BadgeProps } from '@cloudscape-design/components/badge'
import type { Severity } from '../api/types.ts'
import { severityWords } from './words.ts'

const colours = {
  CRITICAL: 'severity-critical',
  HIGH: 'severity-high',
  MEDIUM: 'severity-medium',
  LOW: 'severity-low',
  INFORMATIONAL: 'severity-neutral',
  UNTRIAGED: 'grey',
} satisfies Record<Severity, NonNullable<BadgeProps['color']>>

/** The band in words and colour: colour never carries it alone. */
export function SeverityBadge({ severity }: { readonly severity: Severity }) {
  return <Badge color={colours[severity]}>{severityWords[severity]}</Badge>
}
