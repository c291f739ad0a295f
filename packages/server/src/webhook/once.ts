import type { ClaimAnswer, WebhookClaims } from './claims.ts'
import { within } from './deadline.ts'
import { FalWebhookError } from './error.ts'
import type { WebhookEvent } from './webhook.ts'

/** Runs the work of each event once on all the machines that share the claims. */
export interface Once {
  /**
   * Resolves with whether the event is done, by this call or before; `false` while another machine works on it.
   * A delivery that comes while this machine works on the event waits for that work.
   *
   * @throws The error of the work; FalWebhookError `claims-unavailable`.
   */
  run(event: WebhookEvent): Promise<boolean>
  /** How many events this machine works on. */
  readonly running: number
}

/** Longest wait for the store of the claims, which may not answer when it is out of reach. */
const storeTimeoutMs = 5_000

/**
 * Creates the runner. Every failure is reported once, also when no call waits for the work any more.
 *
 * @param report Must not throw.
 */
export function createOnce(
  work: (event: WebhookEvent) => void | Promise<void>,
  claims: WebhookClaims,
  report: (error: unknown) => void,
): Once {
  const running = new Map<string, Promise<boolean>>()

  const claimAndWork = async (event: WebhookEvent): Promise<boolean> => {
    const id = event.requestId
    const owner = crypto.randomUUID()
    const claim = await take(claims, id, owner).catch((cause: unknown) => {
      throw new FalWebhookError('claims-unavailable', 'the event could not be claimed', { cause })
    })
    if (!isClaimAnswer(claim)) {
      throw new TypeError(
        `claims.claim must answer 'claimed', 'busy' or 'done', not ${show(claim)}`,
      )
    }
    if (claim !== 'claimed') return claim === 'done'
    try {
      await work(event)
    } catch (error) {
      // A claim that cannot be released expires.
      await callStore('release', () => claims.release(id, owner)).catch(report)
      throw error
    }
    // The work is done even if that cannot be noted. Failing here would make fal deliver, and the work run, again.
    await callStore('complete', () => claims.complete(id, owner)).catch(report)
    return true
  }
  return {
    run(event) {
      const first = running.get(event.requestId)
      if (first) return first
      const ending = claimAndWork(event).finally(() => running.delete(event.requestId))
      running.set(event.requestId, ending)
      ending.catch(report)
      return ending
    },
    get running() {
      return running.size
    },
  }
}

/** Claims the event. A claim that is granted after the time-out is released, because nobody will work on it. */
async function take(claims: WebhookClaims, id: string, owner: string): Promise<unknown> {
  let isLate = false
  const claiming = async (): Promise<unknown> => {
    const claim = await claims.claim(id, owner)
    if (isLate && claim === 'claimed') await claims.release(id, owner)
    return claim
  }
  try {
    return await callStore('claim', claiming)
  } finally {
    isLate = true
  }
}

function callStore(name: keyof WebhookClaims, run: () => unknown): Promise<unknown> {
  return within(Promise.resolve().then(run), storeTimeoutMs, () => {
    throw new Error(`claims.${name} did not answer within ${storeTimeoutMs} ms`)
  })
}

function isClaimAnswer(value: unknown): value is ClaimAnswer {
  return value === 'claimed' || value === 'busy' || value === 'done'
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
