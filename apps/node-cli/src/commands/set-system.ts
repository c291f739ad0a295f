import { toPrintable } from '../print/printable.ts'
import type { Desk } from './command.ts'

/** `/system [text]` */
export function setSystem({ session, screen }: Desk, argument: string): void {
  const { choice } = session
  if (argument === '') {
    return screen.say(choice.system === '' ? 'No system prompt.' : toPrintable(choice.system))
  }
  const system = argument === '-' ? '' : argument
  session.choose({ ...choice, system })
  screen.say(system === '' ? 'No system prompt from now on.' : 'The system prompt is set.')
}
