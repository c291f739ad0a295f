import { createRecentIds } from './recent-ids.ts'

/** `claimed`: the caller may work on it; `busy`: another owner works on it; `done`: the work was done before. */
export type ClaimAnswer = 'claimed' | 'busy' | 'done'

/**
 * Which owner works on which event, in a store that all machines share. Each function is one atomic step of that store.
 * A claim must expire some time after the longest work could have ended, because its machine may have stopped.
 */
export interface WebhookClaims {
  /** Claims the event for `owner`, if it is free. `owner` is a UUID made for this one attempt. */
  claim(id: string, owner: string): ClaimAnswer | Promise<ClaimAnswer>
  /** Notes that the event is done. Keep the note for days: longer than fal delivers again. */
  complete(id: string, owner: string): unknown
  /** Frees the event after work that failed. Must do nothing when another owner has the claim by now. */
  release(id: string, owner: string): unknown
}

/**
 * Creates claims in the memory of one process.
 *
 * @param limit How many events that are done are remembered. Default 10000.
 */
export function createMemoryClaims(limit: number = 10_000): WebhookClaims {
  const done = createRecentIds(limit)
  const busy = new Set<string>()
  return {
    claim(id) {
      if (done.has(id)) return 'done'
      if (busy.has(id)) return 'busy'
      busy.add(id)
      return 'claimed'
    },
    complete(id) {
      busy.delete(id)
      done.add(id)
    },
    release(id) {
      busy.delete(id)
    },
  }
}

/**
 * Checks the claims that an app gave.
 *
 * @throws TypeError that names the function that is missing.
 */
export function checkClaims(claims: WebhookClaims): void {
  for (const name of ['claim', 'complete', 'release'] as const) {
    if (typeof claims[name] !== 'function') throw new TypeError(`claims.${name} must be a function`)
  }
}
