import { toFields, toList, toText } from '../json.ts'
import type { Turn } from './turns.ts'

/** A conversation in OpenAI's shape, read. */
export interface ReadMessages {
  readonly system: string
  readonly turns: readonly Turn[]
  readonly images: readonly string[]
}

/** Reads valid messages. The result of a tool counts as a turn of the user. */
export function readMessages(messages: unknown): ReadMessages {
  const system: string[] = []
  const turns: Turn[] = []
  const images: string[] = []
  for (const message of toList(messages)) {
    const { role, content } = toFields(message)
    const text = readText(content)
    if (role === 'system' || role === 'developer') system.push(text)
    else turns.push({ role: role === 'assistant' ? 'assistant' : 'user', text })
    images.push(...readImages(content))
  }
  return { system: system.join('\n\n'), turns, images }
}

function readText(content: unknown): string {
  if (typeof content === 'string') return content
  const texts = toList(content).map((part) => toText(toFields(part)['text']))
  return texts.filter(Boolean).join('\n')
}

/** Image parts hold their URL in an object; fal's own sample sends it bare. */
function readImages(content: unknown): string[] {
  const images = toList(content).map((part) => toFields(part)['image_url'])
  return images
    .map((image) => (typeof image === 'string' ? image : toFields(image)['url']))
    .filter((url) => typeof url === 'string')
}
