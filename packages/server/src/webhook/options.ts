/** How strictly, and with which keys, a webhook is verified. */
export interface VerifyOptions {
  /**
   * The fal account, or accounts, whose jobs are reported here. Anyone with an account can make fal send a signed call to your
   * address. Without this option check the `userId` of each event yourself. Default: every account.
   */
  expectedUserId?: string | readonly string[]
  /** Allowed clock difference both ways, milliseconds. Default 300000. */
  toleranceMs?: number
  /** Largest body, bytes. Default 1 MiB. */
  maxBodyBytes?: number
  /** Longest wait for the body, milliseconds. Default 5000; 0 waits for ever. */
  bodyTimeoutMs?: number
  /**
   * The address of the public keys; plain http only on this machine. Default: fal's. The emulator serves the same path.
   */
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
 * Checks options that could weaken or break the verification unnoticed.
 *
 * @throws TypeError that names the option and says what it must be.
 */
export function checkOptions(
  options: VerifyOptions & { answerWithinMs?: number; maxInProgress?: number },
): void {
  for (const [name, minimum] of Object.entries(least)) {
    // These are names of options. Without types a caller may have given any value.
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

// Over plain http anyone on the way could replace the keys, and so sign webhooks.
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  if (protocol === 'https:') return true
  const isThisMachine = /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname)
  return protocol === 'http:' && isThisMachine
}
