// Who may follow a job. The id a caller gets is fal's own with a signature over caller, app and id behind it, and only
// that caller's id opens: nothing is stored, so any number of servers with the same secret agree, and a
// restart forgets nothing. fal's clients build their URLs from `request_id`, so to them it is an id like any.

import { toHex } from '../../hex.ts'

/** The job ids of one caller. */
export interface JobIds {
  /** The id to hand out for a job of this caller. */
  seal(app: string, requestId: string): string | Promise<string>
  /** fal's own id; undefined when this caller did not submit the job. */
  open(app: string, sealed: string): Promise<string | undefined>
}

/** Makes the job ids of one caller. Callers without a `userId` are guests: one identity, which no `userId` can equal. */
export type JobIdsOf = (userId: string | undefined) => JobIds

const signatureLength = 32

/** Ids where nobody is told apart: fal's own, in both directions. */
export const plainJobIds: JobIds = {
  seal: (_app, requestId) => requestId,
  open: (_app, requestId) => Promise.resolve(requestId),
}

/**
 * Makes the signer: a sealed id is `<fal's id>-<32 hex digits>`.
 * The first secret seals; an id opens when any of them sealed it.
 * Rejects only where the runtime has no WebCrypto.
 */
export async function createJobIds(secrets: readonly string[]): Promise<JobIdsOf> {
  const signers = await Promise.all([...new Set(secrets)].map(createSigner))
  return (userId) => {
    const under = async (sign: Sign, app: string, requestId: string): Promise<string> =>
      // JSON keeps the three apart whatever is in them, and a guest's null apart from every text.
      `${requestId}-${await sign(JSON.stringify([userId ?? null, app, requestId]))}`
    return {
      async seal(app, requestId) {
        const [first] = signers
        if (!first) throw new TypeError('Job ids need a secret')
        return under(first, app, requestId)
      },
      async open(app, sealed) {
        const requestId = sealed.slice(0, -signatureLength - 1)
        const expected = await Promise.all(signers.map((sign) => under(sign, app, requestId)))
        return expected.some((one) => isEqual(sealed, one)) ? requestId : undefined
      },
    }
  }
}

type Sign = (text: string) => Promise<string>

async function createSigner(secret: string): Promise<Sign> {
  const encoder = new TextEncoder()
  const raw = encoder.encode(`fal-llm job ids\n${secret}`)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', raw, algorithm, false, ['sign'])
  return async (text) => {
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
    return toHex(bytes.subarray(0, signatureLength / 2))
  }
}

// Takes as long for a near miss as for a far one.
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/**
 * Takes the signature off the id a caller holds: what is left is fal's own, as in webhooks. An id without one
 * comes back as it is. Checks nothing: for code on the server, which may follow any job. Never throws.
 */
export function toFalRequestId(requestId: string): string {
  return requestId.replace(/(?<=.)-[0-9a-f]{32}$/, '')
}
