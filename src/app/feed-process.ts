import { feeds } from '../plugins/feeds/index.ts'
import { serveReading } from './feed-reading.ts'

/** The program of a process that reads one snapshot of a feed: see `feed-reading.ts`. */
await serveReading(feeds)
