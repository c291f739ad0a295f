// Only the caller who submitted a job may follow it. So a caller gets fal's id with a signature over caller, app and id
// behind it, and an id opens only for the caller it was signed for. Nothing is stored: all servers with the same secret
// agree, and a restart loses nothing. fal's clients need not know, because they build their URLs from `request_id`.

import { toHex } from '../../hex.ts'

/** The job ids of one caller. */
export interface JobIds {
  /** Turns fal's id into the one that this caller gets. */
  seal(app: string, requestId: string): string | Promise<string>
  /** Turns it back into fal's id; undefined when this caller did not submit the job. */
  open(app: string, sealed: string): Promise<string | undefined>
}

/** Makes the job ids of one caller. All callers without a `userId` are one guest, who is nobody's `userId`. */
export type JobIdsOf = (userId: string | undefined) => JobIds

const signatureLength = 32

/** fal's own ids, for a proxy that does not tell callers apart. */
export const plainJobIds: JobIds = {
  seal: (_app, requestId) => requestId,
  open: (_app, requestId) => Promise.resolve(requestId),
}

/**
 * Creates the job ids of all callers. A sealed id is `<fal's id>-<32 hex digits>`.
 * The first secret seals; an id opens when any of the secrets sealed it.
 * Rejects only where the runtime has no WebCrypto.
 */
export async function createJobIds(secrets: readonly string[]): Promise<JobIdsOf> {
  const signers = await Promise.all([...new Set(secrets)].map(createSigner))
  return (userId) => {
    const under = async (sign: Sign, app: string, requestId: string): Promise<string> =>
      // JSON keeps the three parts apart whatever they hold, and a guest's null apart from every `userId`.
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

// Takes the same time however many characters are right, so that nobody can find the signature by measuring.
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/**
 * Takes the signature off a caller's job id: what is left is fal's own id, as in webhooks. An id without a signature
 * comes back unchanged. The signature is not checked: this is for code on the server, which may follow any job.
 */
export function toFalRequestId(requestId: string): string {
  return requestId.replace(/(?<=.)-[0-9a-f]{32}$/, '')
}
