import type { Chat } from '@fal-llm/core'
import type { Screen } from '../print/screen.ts'
import { completeLine } from './complete-line.ts'
import type { LineReader } from './line-reader.ts'
import { createStreamReader } from './read-stream.ts'
import { createTerminalReader } from './read-terminal.ts'

/** Creates what hears the person: with editing at a terminal, line by line elsewhere. */
export function createReader(
  { stdin, stdout, stderr }: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>,
  { palette, isTerminal }: Screen,
  chat: Chat,
): LineReader {
  if (!stdin.isTTY) return createStreamReader(stdin)
  const { messages } = chat.getState()
  const said = messages.filter(({ role }) => role === 'user').map((message) => message.text)
  return createTerminalReader({
    input: stdin,
    output: isTerminal ? stdout : stderr,
    prompt: palette.accent('› '),
    morePrompt: palette.dim('… '),
    earlier: said.reverse(),
    complete: completeLine,
  })
}
