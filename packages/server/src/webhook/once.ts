import type { ClaimAnswer, WebhookClaims } from './claims.ts'
import { within } from './deadline.ts'
import { FalWebhookError } from './error.ts'
import type { WebhookEvent } from './webhook.ts'

/** Runs the work of an event once, over all machines that share the claims. */
export interface Once {
  /**
   * Whether the event is done, by this call or before; `false` while another machine works on it.
   * Deliveries that come while this machine works on the event wait for that work instead of starting their own.
   *
   * @throws What the work failed with; FalWebhookError `claims-unavailable`.
   */
  run(event: WebhookEvent): Promise<boolean>
  /** How many events are being worked on here. */
  readonly running: number
}

/** Longest wait for the store of the claims: it may be out of reach and say nothing. */
const storeTimeoutMs = 5_000

/**
 * Creates the runner. Every failure is reported once, also when nobody waits for it any more.
 *
 * @param report Never throws.
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
      // A claim that cannot be given back ends by itself.
      await callStore('release', () => claims.release(id, owner)).catch(report)
      throw error
    }
    // The work is done, whether or not that can be noted: another delivery could only do it again.
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

/** Takes the event; a claim that comes too late is given back, since nobody will work on it. */
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
