// What models cost, with the page and the date of each figure. A model that is not listed has a made-up price.

/** What a model costs, US dollars per million tokens. */
export interface Price {
  readonly promptUsdPerMillion: number
  readonly completionUsdPerMillion: number
  /** The month of the page that the figures are from, "2025-11"; undefined: made up. */
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

/** Finds the price of a model. */
export function findPrice(model: string): Price {
  return prices.get(model) ?? madeUp
}
