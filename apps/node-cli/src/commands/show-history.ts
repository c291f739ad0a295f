import type { ChatMessage } from '@fal-llm/core'
import { describeAnswer } from '../print/describe-answer.ts'
import { toPrintable } from '../print/printable.ts'
import type { Screen } from '../print/screen.ts'
import type { Desk } from './command.ts'

/** `/history` */
export function showHistory({ session, screen }: Desk): void {
  const { messages } = session.chat.getState()
  if (messages.length === 0) return screen.say('Nothing was said yet.')
  for (const message of messages) showMessage(screen, message)
}

/** Shows one message: who said it, what, and which of several versions it is. */
export function showMessage({ say, palette }: Screen, message: ChatMessage): void {
  const { role, text, branch, parts } = message
  const version = branch.count > 1 ? ` (version ${branch.index + 1} of ${branch.count})` : ''
  const pictures = parts.flatMap((part) => (part.type === 'image' ? [`[${part.url}]`] : []))
  say(palette.bold(`${role === 'user' ? 'You' : 'Answer'}${version}:`))
  say(toPrintable([...pictures, text].filter(Boolean).join('\n')))
  if (role === 'assistant') for (const line of describeAnswer(message, palette)) say(line)
  say('')
}
