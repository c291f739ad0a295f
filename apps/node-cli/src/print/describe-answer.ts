import { toAnswerFacts } from '@fal-llm/app-shared/text/answer-facts'
import type { ChatMessage } from '@fal-llm/core'
import { toFailureSentence } from './failure-sentence.ts'
import type { Palette } from './palette.ts'

/** What is said below an ended answer: how it ended where that is not plain, then its figures. Never throws. */
export function describeAnswer(message: ChatMessage, palette: Palette): readonly string[] {
  const ending = describeEnding(message)
  const facts = toAnswerFacts(message).map(({ name, value }) =>
    name === 'Time to first token' ? `first word after ${value}` : value,
  )
  const figures = [...facts, ...describeTokens(message), ...describeLeftOut(message)].join(' · ')
  return [
    ...(ending === undefined ? [] : [message.error ? palette.alarm(ending) : palette.dim(ending)]),
    ...(message.text === '' || figures === '' ? [] : [palette.dim(figures)]),
  ]
}

function describeEnding({ status, error, text, finishReason }: ChatMessage): string | undefined {
  if (status === 'stopped') return text ? 'Stopped; what is above stays.' : 'Stopped.'
  if (error) return `${toFailureSentence(error)} /retry tries again.`
  if (finishReason === 'length') return 'The answer was cut at its token limit.'
  return undefined
}

function describeTokens({ usage }: ChatMessage): readonly string[] {
  if (!usage) return []
  return [`${usage.estimated ? '≈ ' : ''}${usage.totalTokens} tokens`]
}

function describeLeftOut({ context }: ChatMessage): readonly string[] {
  const { droppedCount = 0, droppedFiles = [] } = context ?? {}
  return [
    ...(droppedCount > 0 ? [`${droppedCount} earlier messages not sent`] : []),
    ...(droppedFiles.length > 0 ? [`images not sent: ${droppedFiles.join(', ')}`] : []),
  ]
}
