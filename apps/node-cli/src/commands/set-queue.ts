import { Misuse } from '../misuse.ts'
import type { Desk } from './command.ts'

const words: Readonly<Record<string, boolean>> = { on: true, off: false }

/** `/queue [on|off]`; without a word it changes to the other. */
export function setQueue({ session, screen }: Desk, argument: string): void {
  const { choice } = session
  const throughQueue = argument === '' ? !choice.throughQueue : words[argument.toLowerCase()]
  if (throughQueue === undefined) throw new Misuse('Say /queue on or /queue off.')
  session.choose({ ...choice, throughQueue })
  screen.say(describe(throughQueue, choice.endpoint.supports.stream))
}

function describe(throughQueue: boolean, canStream: boolean): string {
  if (throughQueue) return 'Through the queue: an answer comes whole, and survives a crash.'
  return canStream
    ? 'Streamed: an answer shows while it is written.'
    : 'This endpoint does not stream: answers still come through the queue.'
}
