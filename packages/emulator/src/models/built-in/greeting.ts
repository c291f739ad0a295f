import { lastUserText } from '../question.ts'
import type { Question } from '../question.ts'

/**
 * Writes the usual answer: that this is the emulator, and what the question held. The same question gives the same answer.
 */
export function writeGreeting(question: Question): string {
  const lastTurn = lastUserText(question.turns)
  return [
    '## The emulator answers',
    'No model was asked: this text was made **on your own machine** from what arrived.',
    describeTurns(question),
    lastTurn.trim() === ''
      ? 'Your last turn was empty.'
      : `You said:\n\n${quote(excerpt(lastTurn))}`,
    describeInput(question),
    question.system === '' ? '' : `The system prompt begins: “${excerpt(question.system, 80)}”`,
    describeImages(question.images),
    'Write `/help` to see what else I can do.',
  ]
    .filter(Boolean)
    .join('\n\n')
}

function describeTurns({ endpoint, model, turns }: Question): string {
  const users = turns.filter(({ role }) => role === 'user').length
  return [
    `- endpoint: \`${endpoint.id}\``,
    `- model: \`${model}\``,
    `- turns: ${turns.length} in all, ${users} of them yours`,
  ].join('\n')
}

/** Writes several parameters as a table, and one as a sentence. */
function describeInput({ input }: Question): string {
  const content = new Set(['prompt', 'system_prompt', 'messages', 'model', 'image_urls'])
  const parameters = Object.entries(input).filter(([name]) => !content.has(name))
  if (parameters.length === 0) return 'No parameter came with it.'
  if (parameters.length === 1) {
    return `One parameter came with it:\n\n\`\`\`json\n${JSON.stringify(Object.fromEntries(parameters), null, 2)}\n\`\`\``
  }
  const rows = parameters.map(([name, value]) => `| \`${name}\` | ${cell(value)} |`)
  return ['| parameter | value |', '| :--- | :--- |', ...rows].join('\n')
}

function describeImages(images: readonly string[]): string {
  if (images.length === 0) return ''
  const lines = images.map((url, index) => `${index + 1}. ${describeImage(url)}`)
  return `Images I was shown and cannot see:\n\n${lines.join('\n')}`
}

function describeImage(url: string): string {
  const [, mediaType] = /^data:([^;,]*)/.exec(url) ?? []
  if (mediaType === undefined) return `\`${excerpt(url, 120)}\``
  return `a data URI of ${url.length} characters, ${mediaType || 'text/plain'}`
}

function cell(value: unknown): string {
  return `\`${excerpt(JSON.stringify(value), 60).replaceAll('|', '\\|')}\``
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
}

/** Counts code points, so that no surrogate pair is cut in half. */
function excerpt(text: string, maxLength = 280): string {
  const characters = [...text]
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength).join('')}…`
}
