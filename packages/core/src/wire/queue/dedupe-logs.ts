// Log lines come from several sources: a poll repeats all of them, a stream says the new ones, a stream that is joined
// again may begin with the old. Whoever follows a job hears several, so each line is known by what it says and by how
// often one source has said it.

import type { LogLine } from '../../events.ts'
import { fieldsOf, listOf } from '../../json.ts'

/** Takes lines of one source, in order; returns those no source has said before. Never throws. */
export type DedupeLogs = (lines: unknown) => readonly LogLine[]

/** Starts without a line. The function it returns begins a source: one per poll, one per stream. */
export function createLogDedupe(): () => DedupeLogs {
  const said = new Map<string, number>()

  return () => {
    const counted = new Map<string, number>()
    return (lines) =>
      parseLines(lines).filter((line) => {
        const key = keyOf(line)
        const count = add(counted, key)
        if (count <= (said.get(key) ?? 0)) return false
        said.set(key, count)
        return true
      })
  }
}

function add(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1
  counts.set(key, count)
  return count
}

function keyOf({ timestamp, level, message }: LogLine): string {
  return `${timestamp}\n${level}\n${message}`
}

function parseLines(lines: unknown): readonly LogLine[] {
  return listOf(lines).flatMap((line) => {
    const { message, level, timestamp } = fieldsOf(line)
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
