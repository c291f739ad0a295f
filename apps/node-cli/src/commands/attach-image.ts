import { endpointForImages } from '../choice.ts'
import { Misuse } from '../misuse.ts'
import type { Desk } from './command.ts'

/** `/image <path|url>` */
export async function attachImage({ session, screen }: Desk, argument: string): Promise<void> {
  if (argument === '') throw new Misuse('Say which picture: /image <path|url>.')
  await session.attach(argument)
  const url = session.images.at(-1) ?? ''
  const address = url.startsWith('data:') ? 'A picture' : url
  const { endpoint } = session.choice
  const seeing = endpointForImages(endpoint)
  const where = seeing === endpoint ? '' : `, to ${seeing.id}, which sees pictures`
  screen.say(`${address} goes with the next message${where}.`)
}
