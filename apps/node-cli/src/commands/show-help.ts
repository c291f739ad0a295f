import type { Screen } from '../print/screen.ts'
import type { Command } from './command.ts'

/** Lists the commands. */
export function showHelp(
  { say, palette }: Screen,
  commands: Readonly<Record<string, Command>>,
): void {
  const list = Object.values(commands)
  const width = Math.max(...list.map(({ usage }) => usage.length))
  for (const { usage, summary } of list) {
    say(`${palette.accent(usage.padEnd(width))}  ${summary}`)
  }
  say('')
  say('A message that begins with a slash is written with two. A line that ends with \\ goes on.')
}
