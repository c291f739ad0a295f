import type { Turn } from './turns.ts'

/** A conversation in OpenAI's shape, read. */
export interface ReadMessages {
  readonly system: string
  readonly turns: readonly Turn[]
  readonly images: readonly string[]
}

/** Reads accepted messages; a tool's result counts as something the user brought. Never throws. */
export function readMessages(messages: unknown): ReadMessages {
  const system: string[] = []
  const turns: Turn[] = []
  const images: string[] = []
  for (const message of Array.isArray(messages) ? messages : []) {
    const { role, content } = Object(message) as { role?: unknown; content?: unknown }
    const text = readText(content)
    if (role === 'system' || role === 'developer') system.push(text)
    else turns.push({ role: role === 'assistant' ? 'assistant' : 'user', text })
    images.push(...readImages(content))
  }
  return { system: system.join('\n\n'), turns, images }
}

function readText(content: unknown): string {
  if (typeof content === 'string') return content
  return readParts(content)
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .filter(Boolean)
    .join('\n')
}

/** Image parts hold their URL in an object; fal's own sample sends it bare. */
function readImages(content: unknown): string[] {
  return readParts(content).flatMap(({ image_url: image }) => {
    if (typeof image === 'string') return [image]
    const { url } = Object(image) as { url?: unknown }
    return typeof url === 'string' ? [url] : []
  })
}

function readParts(content: unknown): { text?: unknown; image_url?: unknown }[] {
  return Array.isArray(content) ? content.map((part) => Object(part)) : []
}
