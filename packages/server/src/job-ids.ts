// Who may follow a job. The id a signed-in caller gets is fal's own with a signature behind it, and only
// that caller's id opens: nothing is stored, so any number of servers with the same key agree, and a
// restart forgets nothing. fal's clients build their URLs from `request_id`, so to them it is an id like any.

/** The job ids of one caller. */
export interface JobIds {
  /** The id to hand out for a job of this caller. */
  seal(app: string, requestId: string): Promise<string>
  /** fal's own id; undefined when this caller did not submit the job. */
  open(app: string, sealed: string): Promise<string | undefined>
}

/** Makes the job ids of one caller. Without a `userId` ids pass as they are: who knows one may follow it. */
export type JobIdsOf = (userId: string | undefined) => JobIds

const signatureLength = 32

const unsigned: JobIds = {
  seal: (_app, requestId) => Promise.resolve(requestId),
  open: (_app, requestId) => Promise.resolve(requestId),
}

/**
 * Makes the signer: a sealed id is `<fal's id>-<32 hex digits>`.
 * Its secret is derived from the fal key, so another key makes the ids of before unusable.
 * Rejects only where the runtime has no WebCrypto.
 */
export async function createJobIds(falKey: string): Promise<JobIdsOf> {
  const encoder = new TextEncoder()
  const secret = encoder.encode(`fal-llm job ids\n${falKey}`)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])

  const sign = async (userId: string, app: string, requestId: string): Promise<string> => {
    // JSON keeps the three apart whatever is in them.
    const text = encoder.encode(JSON.stringify([userId, app, requestId]))
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, text))
    return toHex(bytes.subarray(0, signatureLength / 2))
  }

  return (userId) => {
    if (userId === undefined) return unsigned
    return {
      async seal(app, requestId) {
        return `${requestId}-${await sign(userId, app, requestId)}`
      },
      async open(app, sealed) {
        const requestId = sealed.slice(0, -signatureLength - 1)
        const expected = `${requestId}-${await sign(userId, app, requestId)}`
        return isEqual(sealed, expected) ? requestId : undefined
      },
    }
  }
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

// Takes as long for a near miss as for a far one.
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/**
 * Takes the signature off the id a named caller holds: what is left is fal's own, as in webhooks. An id without one
 * comes back as it is. Checks nothing: for code on the server, which may follow any job. Never throws.
 */
export function toFalRequestId(requestId: string): string {
  return requestId.replace(/(?<=.)-[0-9a-f]{32}$/, '')
}
