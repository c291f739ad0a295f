import { wait } from '../../clock.ts'
import type { Clock } from '../../clock.ts'
import { writeJsonAnswer } from '../json/response-format.ts'
import type { AnswerPiece, Model } from '../model.ts'
import { lastUserText } from '../question.ts'
import type { Question } from '../question.ts'
import { splitTokens } from '../tokens.ts'
import { toUsage } from '../usage.ts'
import type { AnswerPlan } from './answer-plan.ts'
import { applyCommands } from './commands.ts'
import type { CommandList } from './commands.ts'
import { writeGreeting } from './greeting.ts'
import { findSuggestedAnswer } from './suggested-answers.ts'
import { planToolCall } from './tool-call.ts'

/** How the built-in model answers. */
export interface BuiltInModelOptions {
  /** Infinity: as fast as it can. */
  readonly tokensPerSecond: number
  readonly firstTokenMs: number
  readonly clock: Clock
  /** Commands that somebody else carries out: `/help` lists them. Default: none. */
  readonly otherCommands?: CommandList
}

/** Creates the model that answers from what it received: the same question, the same answer. */
export function createBuiltInModel(options: BuiltInModelOptions): Model {
  return async function* answer(question, signal): AsyncGenerator<AnswerPiece> {
    const plan = planAnswer(question, options.otherCommands)
    const tick = startTicking(options, plan, signal)
    const toolCall = planToolCall(question)
    let count = 0
    for (const piece of toolCall ?? listPieces(plan)) {
      if (piece.type !== 'error') await tick()
      if (count === question.maxTokens) break
      yield piece
      if (piece.type === 'error') return
      count += 1
    }
    if (count === 0) await tick()
    const cut = count === question.maxTokens
    const reason = toolCall ? 'tool_calls' : cut ? 'length' : 'stop'
    yield { type: 'end', reason, usage: toUsage(question, count) }
  }
}

function planAnswer(question: Question, otherCommands: CommandList | undefined): AnswerPlan {
  const reasoning = question.wantsReasoning
    ? `The user's last turn has ${lastUserText(question.turns).length} characters.\nI was asked for reasoning, so I give some; then I answer from what I received.`
    : ''
  const said = lastUserText(question.turns)
  const words = findSuggestedAnswer(said) ?? writeGreeting(question)
  const text = writeJsonAnswer(question, words) ?? words
  return applyCommands({ text, reasoning }, said, otherCommands)
}

function* listPieces({ text, reasoning, error }: AnswerPlan): Generator<AnswerPiece> {
  for (const token of splitTokens(reasoning)) yield { type: 'reasoning', text: token }
  const tokens = splitTokens(text)
  const cutAt = error === undefined ? tokens.length : Math.ceil(tokens.length / 2)
  for (const token of tokens.slice(0, cutAt)) yield { type: 'text', text: token }
  if (error !== undefined) yield { type: 'error', message: error }
}

/** Each call waits until the next token is due. Measured from the start, so that small delays do not add up. */
function startTicking(
  options: BuiltInModelOptions,
  plan: AnswerPlan,
  signal: AbortSignal,
): () => Promise<void> {
  const { clock } = options
  const firstTokenMs = plan.firstTokenMs ?? options.firstTokenMs
  const tokensPerSecond = plan.tokensPerSecond ?? options.tokensPerSecond
  const startedAt = clock.now()
  let count = 0
  return async () => {
    signal.throwIfAborted()
    const dueAt = startedAt + firstTokenMs + (count * 1000) / tokensPerSecond
    count += 1
    const delayMs = dueAt - clock.now()
    if (delayMs > 0) await wait(clock, delayMs, signal)
  }
}
