import { refusal } from './refusal.ts'

/** Decides who may call. */
export interface Doorkeeper {
  /**
   * Lets a call to an app in.
   *
   * @throws 401 or 403 with fal's texts.
   */
  admit(authorization: string | undefined, appId: string): void
}

/** Key ids that are refused whatever the secret is, to see what that looks like. */
const magicKeyIds: Readonly<Record<string, () => never>> = {
  unknown() {
    throw refusal(401, 'No user found for Key ID and Secret')
  },
  locked() {
    throw refusal(
      403,
      'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
    )
  },
}

/**
 * Creates a doorkeeper.
 *
 * @param keys The only keys let in; undefined lets in any non-empty Authorization.
 */
export function createDoorkeeper(keys: ReadonlySet<string> | undefined): Doorkeeper {
  return {
    admit(authorization, appId) {
      const [, scheme = '', credentials = ''] = /^(\S+)\s*(.*)$/.exec(authorization ?? '') ?? []
      if (scheme === '') throw unauthenticated(appId)
      if (scheme.toLowerCase() !== 'key') {
        // fal takes sign-in tokens too; only where every key is known, none is.
        if (keys) throw unauthenticated(appId)
        return
      }
      if (!/^[^:]+:.+$/.test(credentials)) {
        throw refusal(
          401,
          "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.",
        )
      }
      const [keyId = ''] = credentials.split(':')
      if (Object.hasOwn(magicKeyIds, keyId)) magicKeyIds[keyId]?.()
      if (keys && !keys.has(credentials)) magicKeyIds['unknown']?.()
    },
  }
}

function unauthenticated(appId: string): Error {
  return refusal(
    401,
    `Cannot access application "${appId}". Authentication is required to access this application.`,
  )
}
