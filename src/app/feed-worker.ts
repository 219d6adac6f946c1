/** Entry of the thread that reads one snapshot of a feed. */
import { feeds } from '../plugins/feeds/index.ts'
import { serveReading } from './feed-reading.ts'

await serveReading(feeds)
