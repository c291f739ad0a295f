/** How strictly, and against which keys, a webhook is checked. */
export interface VerifyOptions {
  /**
   * The fal account whose jobs are reported here, or several. Anyone with an account of fal can have fal sign a call to
   * your address: without this, `userId` on the event is yours to judge. Default: every account.
   */
  expectedUserId?: string | readonly string[]
  /** Allowed clock difference both ways, milliseconds. Default 300000. */
  toleranceMs?: number
  /** Largest body, bytes. Default 1 MiB. */
  maxBodyBytes?: number
  /** Longest wait for the body, milliseconds. Default 5000; 0 waits for ever. */
  bodyTimeoutMs?: number
  /** Default: fal's own. The emulator serves the same path. Plain http only on this machine. */
  jwksUrl?: string
  fetch?: typeof fetch
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number
}

/** The smallest value of each amount. */
const least = {
  toleranceMs: 0,
  maxBodyBytes: 1,
  bodyTimeoutMs: 0,
  answerWithinMs: 1,
  maxInProgress: 1,
} as const

/**
 * Refuses options that would weaken or break the check in silence.
 *
 * @throws TypeError that names the option and says what it must be.
 */
export function checkOptions(
  options: VerifyOptions & { answerWithinMs?: number; maxInProgress?: number },
): void {
  for (const [name, minimum] of Object.entries(least)) {
    // The names are those of options; what a caller without types gave may be anything.
    const value: unknown = options[name as keyof typeof least]
    if (value === undefined) continue
    if (typeof value === 'number' && Number.isFinite(value) && value >= minimum) continue
    throw new TypeError(`${name} must be a number of at least ${minimum}, not ${String(value)}`)
  }
  if ('expectedUserId' in options && !isUserIds(options.expectedUserId)) {
    throw new TypeError(
      'expectedUserId is there but empty: give the id of your fal account, or leave the option out',
    )
  }
  if (options.jwksUrl !== undefined && !isSafeAddress(options.jwksUrl)) {
    throw new TypeError('jwksUrl must be an https URL, or an http URL of this machine')
  }
}

function isUserIds(value: unknown): boolean {
  const ids: readonly unknown[] = Array.isArray(value) ? value : [value]
  return ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '')
}

// Whoever can change the keys on their way can sign webhooks.
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  if (protocol === 'https:') return true
  const isThisMachine = /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname)
  return protocol === 'http:' && isThisMachine
}
