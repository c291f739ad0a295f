import { findPrice } from './prices.ts'
import type { Question } from './question.ts'
import { countTokens } from './tokens.ts'

/** What an answer used, in the fields of fal's API. */
export interface TokenUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** US dollars. */
  readonly cost: number
}

/** @source fal, any-llm and any-llm/enterprise pages (November 2025): ten times the standard rate */
const premiumFactor = 10

/** About what an image costs in the example of fal's vision page. */
const tokensPerImage = 1290

/** Counts what a question and its answer used, and what that costs. */
export function toUsage(question: Question, completionTokens: number): TokenUsage {
  const { system, turns, images, model, endpoint } = question
  const texts = [system, ...turns.map((turn) => turn.text)]
  const promptTokens =
    texts.reduce((sum, text) => sum + countTokens(text), 0) + images.length * tokensPerImage
  const { promptUsdPerMillion, completionUsdPerMillion } = findPrice(model)
  const premium = endpoint.models.find(({ id }) => id === model)?.premium === true
  // Prices are whole thousandths of a dollar per million tokens here, so that the sum is exact.
  const billed =
    promptTokens * Math.round(promptUsdPerMillion * 1000) +
    completionTokens * Math.round(completionUsdPerMillion * 1000)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    cost: (billed * (premium ? premiumFactor : 1)) / 1e9,
  }
}
