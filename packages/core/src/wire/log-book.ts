// Log lines come in two ways: a poll repeats all of them, a stream says the new ones. Whoever follows a job may see
// both, so each line is known by what it says and how often it was said.

import type { LogLine } from '../events.ts'

/** Says which lines are new, in order, each once. */
export interface LogBook {
  /** Takes all lines so far, as a poll reports them. */
  takeAll(lines: unknown): readonly LogLine[]
  /** Takes lines of a stream; ones a poll has already said are passed over once. */
  takeNew(lines: unknown): readonly LogLine[]
}

/** Opens an empty book. Never throws; what is no log line is passed over. */
export function createLogBook(): LogBook {
  const said = new Map<string, number>()
  /** Lines polled and not yet repeated by a stream. */
  const polled = new Map<string, number>()

  return {
    takeAll(lines) {
      const counted = new Map<string, number>()
      return parseLines(lines).filter((line) => {
        const key = keyOf(line)
        const count = add(counted, key, 1)
        if (count <= (said.get(key) ?? 0)) return false
        add(said, key, 1)
        add(polled, key, 1)
        return true
      })
    },
    takeNew(lines) {
      return parseLines(lines).filter((line) => {
        const key = keyOf(line)
        if ((polled.get(key) ?? 0) > 0) {
          add(polled, key, -1)
          return false
        }
        add(said, key, 1)
        return true
      })
    },
  }
}

function add(counts: Map<string, number>, key: string, by: number): number {
  const count = (counts.get(key) ?? 0) + by
  counts.set(key, count)
  return count
}

function keyOf({ timestamp, level, message }: LogLine): string {
  return `${timestamp}\n${level}\n${message}`
}

function parseLines(lines: unknown): readonly LogLine[] {
  if (!Array.isArray(lines)) return []
  return lines.flatMap((line: unknown) => {
    if (typeof line !== 'object' || line === null) return []
    const { message, level, timestamp } = line as Readonly<Record<string, unknown>>
    if (typeof message !== 'string') return []
    return [
      {
        message,
        level: typeof level === 'string' ? level : 'INFO',
        timestamp: typeof timestamp === 'string' ? timestamp : '',
      },
    ]
  })
}
