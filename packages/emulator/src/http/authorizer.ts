import type { EmulatorContext } from './exchange.ts'
import { toAppId } from './find-endpoint.ts'
import { refusal } from './refusal.ts'
import type { TokenSigner } from './token-signer.ts'

/** Decides who may call. */
export interface Authorizer {
  /**
   * Checks a call to an app: its key, or a token in the query instead.
   *
   * @throws 401 or 403 with fal's texts.
   */
  authorizeApp(context: EmulatorContext): void
  /**
   * Checks a call to rest.fal.ai or to the files, which belong to no app.
   *
   * @throws 401 or 403 with fal's texts.
   */
  authorizeAccount(context: EmulatorContext): void
}

/** Key ids that are always refused, so that a client's handling of that can be tried. */
const magicKeyIds: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  unknown: [401, 'No user found for Key ID and Secret'],
  locked: [
    403,
    'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
  ],
}

/** The text for a refused key on calls that follow a job; a submit has another text. */
const followerDetail = 'invalid key credentials'

/**
 * Creates an authorizer.
 *
 * @param keys The only keys that are accepted; undefined accepts any non-empty Authorization.
 */
export function createAuthorizer(
  keys: ReadonlySet<string> | undefined,
  tokenSigner: Pick<TokenSigner, 'allows'>,
): Authorizer {
  const check = (authorization: string | undefined, noAccess: string): void => {
    const [, scheme = '', credentials = ''] = /^(\S+)\s*(.*)$/.exec(authorization ?? '') ?? []
    if (scheme === '') throw refusal(401, noAccess)
    if (scheme.toLowerCase() !== 'key') {
      // fal accepts sign-in tokens too. Where the keys are given, there are no others.
      if (keys) throw refusal(401, noAccess)
      return
    }
    if (!/^[^:]+:.+$/.test(credentials)) {
      throw refusal(
        401,
        "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.",
      )
    }
    const [keyId = ''] = credentials.split(':')
    const id = keys && !keys.has(credentials) ? 'unknown' : keyId
    const magic = Object.hasOwn(magicKeyIds, id) ? magicKeyIds[id] : undefined
    if (magic) throw refusal(...magic)
  }
  return {
    authorizeApp({ env: { address, call }, req }) {
      const appId = toAppId(address.path.slice(1))
      const noAccess = `Cannot access application "${appId}". Authentication is required to access this application.`
      const token = address.query.get('fal_jwt_token')
      if (token !== null && tokenSigner.allows(token, appId)) return
      try {
        check(req.header('authorization'), noAccess)
      } catch (error) {
        const follows = call !== undefined && followingCalls.has(call)
        throw follows && req.header('authorization') ? refusal(401, followerDetail) : error
      }
    },
    authorizeAccount({ req }) {
      check(req.header('authorization'), 'Authorization header is required')
    },
  }
}

const followingCalls: ReadonlySet<string> = new Set(['status', 'status-stream', 'result', 'cancel'])
