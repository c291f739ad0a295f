// What models cost, as data: figures with the date and the page they are of. A model that is not here has a made-up price.

/** What a model costs, US dollars per million tokens. */
export interface Price {
  readonly promptUsdPerMillion: number
  readonly completionUsdPerMillion: number
  /** The state of the page they were read from, "2025-11"; undefined: made up. */
  readonly asOf: string | undefined
}

/**
 * The prices that are known, by model.
 *
 * @source fal, openrouter/router and openrouter/router/vision pages (November 2025): both examples add up with these figures
 */
const prices: ReadonlyMap<string, Price> = new Map([
  [
    'google/gemini-2.5-flash',
    { promptUsdPerMillion: 0.3, completionUsdPerMillion: 2.5, asOf: '2025-11' },
  ],
])

const madeUp: Price = { promptUsdPerMillion: 0.1, completionUsdPerMillion: 0.4, asOf: undefined }

/** Finds what a model costs. Never throws. */
export function findPrice(model: string): Price {
  return prices.get(model) ?? madeUp
}
