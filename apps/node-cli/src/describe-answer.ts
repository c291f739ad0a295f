import { toAnswerFacts } from '@fal-llm/app-shared/text/answer-facts'
import { toErrorSentence } from '@fal-llm/app-shared/text/error-sentence'
import type { ChatMessage, FalLlmError } from '@fal-llm/core'
import { toPrintable } from './screen.ts'
import type { Palette, Screen } from './screen.ts'

/** What is printed below an ended answer: how it ended, unless that is plain, then its figures. */
export function describeAnswer(message: ChatMessage, palette: Palette): readonly string[] {
  const { context, error, text, usage } = message
  const { droppedCount = 0, droppedFiles = [] } = context ?? {}
  const ending = describeEnding(message)
  const facts = toAnswerFacts(message).map(({ name, value }) =>
    name === 'Time to first token' ? `first token after ${value}` : value,
  )
  if (usage) facts.push(`${usage.estimated ? '≈ ' : ''}${usage.totalTokens} tokens`)
  if (droppedCount > 0) facts.push(`${droppedCount} earlier messages not sent`)
  if (droppedFiles.length > 0) facts.push(`images not sent: ${droppedFiles.join(', ')}`)
  return [
    ...(ending === undefined ? [] : [error ? palette.alarm(ending) : palette.dim(ending)]),
    ...(text === '' || facts.length === 0 ? [] : [palette.dim(facts.join(' · '))]),
  ]
}

function describeEnding({ status, error, text, finishReason }: ChatMessage): string | undefined {
  if (status === 'stopped') return text ? 'Stopped; what is above stays.' : 'Stopped.'
  if (error) return `${toFailureSentence(error)} /retry tries again.`
  return finishReason === 'length' ? 'The answer was cut at its token limit.' : undefined
}

/** Prints one message: who wrote it, its text, and which of several versions it is. */
export function printMessage({ print, palette }: Screen, message: ChatMessage): void {
  const { role, text, branch, parts } = message
  const version = branch.count > 1 ? ` (version ${branch.index + 1} of ${branch.count})` : ''
  const images = parts.flatMap((part) => (part.type === 'image' ? [`[${part.url}]`] : []))
  print(palette.bold(`${role === 'user' ? 'You' : 'Answer'}${version}:`))
  print(toPrintable([...images, text].filter(Boolean).join('\n')))
  if (role === 'assistant') for (const line of describeAnswer(message, palette)) print(line)
  print('')
}

/** A failure in one line: what it means, and what fal said. */
export function toFailureSentence(error: FalLlmError): string {
  const [meaning = ''] = toErrorSentence(error).split('. ')
  const what = withoutPeriod(meaning)
  const reported = withoutPeriod(toPrintable(error.message).replaceAll(/\s+/g, ' ').trim())
  const sentence = reported.startsWith(what) ? reported : `${what}: ${reported}`
  const job = error.maybeSubmitted ? '; fal may have taken the job all the same' : ''
  return `${sentence}${job}.`
}

function withoutPeriod(text: string): string {
  return text.replace(/\.$/, '')
}
