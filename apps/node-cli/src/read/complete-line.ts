import { commands } from '../commands/commands.ts'
import { endpoints } from '@fal-llm/core'
import type { Endpoint } from '@fal-llm/core'

/** Completes what Tab was pressed in: a command's name, or the id after /model or /endpoint. Never throws. */
export function completeLine(line: string): [string[], string] {
  const [, command, started = ''] = /^\/(model|endpoint)\s+(\S*)$/.exec(line) ?? []
  if (command !== undefined) return [idsOf(command).filter((id) => id.startsWith(started)), started]
  const names = Object.keys(commands).map((name) => `/${name} `)
  return [line.startsWith('/') ? names.filter((name) => name.startsWith(line)) : [], line]
}

function idsOf(command: string): readonly string[] {
  const known: readonly Endpoint[] = Object.values(endpoints)
  if (command === 'endpoint') return known.map(({ id }) => id)
  return [...new Set(known.flatMap(({ models }) => models.map(({ id }) => id)))]
}
