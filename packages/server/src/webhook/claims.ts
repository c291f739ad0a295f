import { createRecentIds } from './recent-ids.ts'

/** `claimed`: it is yours to work on; `busy`: somebody is working on it; `done`: nothing is left to do. */
export type ClaimAnswer = 'claimed' | 'busy' | 'done'

/**
 * Who works on which event, as all machines see it. Each function is one atomic step of a store they share.
 * A claim should end by itself some time after the longest work could have: its machine may have stopped.
 */
export interface WebhookClaims {
  /** Takes the event for `owner` where nobody has it. `owner` is a UUID made for this one attempt. */
  claim(id: string, owner: string): ClaimAnswer | Promise<ClaimAnswer>
  /** Notes that the event is done; to be kept longer than fal delivers again (days). */
  complete(id: string, owner: string): unknown
  /** Gives the event back after work that failed; must do nothing when the claim is another owner's by now. */
  release(id: string, owner: string): unknown
}

/**
 * Creates claims for a single process; they end with it. Never throws.
 *
 * @param limit How many events that are done it remembers. Default 10000.
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
 * Checks claims somebody else wrote.
 *
 * @throws TypeError that names the function that is missing.
 */
export function checkClaims(claims: WebhookClaims): void {
  for (const name of ['claim', 'complete', 'release'] as const) {
    if (typeof claims[name] !== 'function') throw new TypeError(`claims.${name} must be a function`)
  }
}
