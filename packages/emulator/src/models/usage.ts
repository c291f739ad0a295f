import { countTokens } from './tokens.ts'
import type { Question } from './question.ts'

/** What an answer used, in fal's words. */
export interface TokenUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** US dollars. */
  readonly cost: number
}

/** Dollars per thousand million tokens: whole numbers, so that sums are exact. */
interface Price {
  readonly prompt: number
  readonly completion: number
}

/** @source fal, openrouter/router and openrouter/router/vision pages: both examples add up with these figures */
const prices: Readonly<Record<string, Price>> = {
  'google/gemini-2.5-flash': { prompt: 300, completion: 2500 },
}
/** Made up, for every model whose price fal's pages do not give away. */
const otherPrice: Price = { prompt: 100, completion: 400 }
const premiumFactor = 10

/** An image costs what it does in the example of fal's vision page, about. */
const tokensPerImage = 1290

/** Counts what a question and its answer used, and what that costs. Never throws. */
export function toUsage(question: Question, completionTokens: number): TokenUsage {
  const { system, turns, images, model, endpoint } = question
  const texts = [system, ...turns.map((turn) => turn.text)]
  const promptTokens =
    texts.reduce((sum, text) => sum + countTokens(text), 0) + images.length * tokensPerImage
  const price = prices[model] ?? otherPrice
  const premium = endpoint.models.find(({ id }) => id === model)?.premium === true
  const billed = promptTokens * price.prompt + completionTokens * price.completion
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: (billed * (premium ? premiumFactor : 1)) / 1e9,
  }
}
