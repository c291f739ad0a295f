import { exitCodes } from './exit-codes.ts'
import type { Session } from './session.ts'
import { toFailureSentence } from './print/failure-sentence.ts'
import { Misuse } from './misuse.ts'
import type { Screen } from './print/screen.ts'

/** What is asked, or gone on with. */
export interface Question {
  readonly prompt: string
  readonly goesOn: boolean
}

/**
 * Asks one thing, or goes on with what a crash cut off, and resolves with the exit code.
 *
 * @throws Misuse when there is nothing to ask.
 */
export async function askOnce(
  session: Session,
  { prompt, goesOn }: Question,
  { note }: Screen,
): Promise<number> {
  const said = prompt.trim() !== '' || session.images.length > 0
  const unfinished = goesOn ? await session.resume(said ? 'silently' : 'shown') : undefined
  const message = said ? await session.say(prompt) : unfinished
  if (!message) {
    throw new Misuse('There is nothing to ask: give a prompt, or pipe one in.')
  }
  if (message.status === 'stopped') return exitCodes.interrupted
  if (message.error) note(`fal-chat: ${toFailureSentence(message.error)}`)
  return message.status === 'done' ? exitCodes.ok : exitCodes.failed
}
