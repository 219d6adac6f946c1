import type { Command } from 'commander'

/** Words for people go to stderr, and nowhere with `--quiet`. */
export function say(command: Command, text: string): void {
  if (command.optsWithGlobals()['quiet'] !== true) process.stderr.write(`${text}\n`)
}

/** `3 h ago`, in the largest unit that fits. */
export function ago(time: string | undefined, now = Date.now()): string {
  if (time === undefined) return 'never'
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000))
  const [size, unit] = (
    [
      [86_400, 'd'],
      [3600, 'h'],
      [60, 'min'],
    ] as const
  ).find(([least]) => seconds >= least) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit} ago`
}

/** What an answer rests on, where that is less than everything; undefined when all is well. */
export function doubt(answer: {
  readonly knowledge: { readonly state: string }
  readonly evaluating: { readonly pending: number; readonly looks: number }
}): string | undefined {
  const words = {
    starter:
      'For some ecosystem in use no feed was ever loaded: of it only the starter set was judged. What is not listed is unknown, not safe. Next: openinspector feeds status',
    stale: 'Feeds are stale: what is not listed is unknown, not safe. Next: openinspector feeds status',
    none: 'No feed was loaded yet: nothing is known. Next: openinspector feeds sync',
  } as const
  const { state } = answer.knowledge
  if (Object.hasOwn(words, state)) return words[state as keyof typeof words]
  const { pending, looks } = answer.evaluating
  const left = [
    ...(pending > looks ? [`${counted(pending - looks, 'change')} yet to reach findings`] : []),
    ...(looks > 0 ? [`${counted(looks, 'look')} due or under way`] : []),
  ]
  return left.length > 0 ? `Still evaluating: ${left.join(', ')}.` : undefined
}

/** `1 look`, `3 looks`. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Resources that were not scanned, or of which nothing can be said; undefined when there are none. */
export function notCovered({
  coverage,
  evaluating,
}: {
  readonly coverage: readonly { readonly reason: string; readonly count: number }[]
  readonly evaluating: { readonly looks: number }
}): string | undefined {
  const counts = [coverage, coverage.filter(({ reason }) => reason !== 'SUCCESSFUL')].map((all) =>
    all.reduce((sum, { count }) => sum + count, 0),
  )
  const [known = 0, unseen = 0] = counts
  if (known === 0 && evaluating.looks > 0) return 'Nothing was looked at yet: the first look is due or under way.'
  if (known === 0) return 'Nothing is watched yet. Next: openinspector resources add host'
  if (unseen === 0) return undefined
  return `${unseen} of ${known} ${known === 1 ? 'resource' : 'resources'} not covered: what is there is unknown. Next: openinspector coverage list`
}
