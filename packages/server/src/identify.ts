import type { Guard } from './guard.ts'
import { refuse } from './refuse.ts'

/** Says who may call: `true`, `false`, or the caller's id. */
export type Authorize = (request: Request) => Verdict | Promise<Verdict>

type Verdict = boolean | { readonly userId: string }

/** Who is calling. Without a `userId` nobody in particular. */
export interface Caller {
  readonly userId: string | undefined
}

/** Finds out who is calling; the answer to give where the call ends here: 401, or 500 when `authorize` failed. */
export async function identify(
  request: Request,
  authorize: Authorize | undefined,
  allowAnonymous: boolean,
  guard: Guard,
): Promise<Caller | Response> {
  if (!authorize && !allowAnonymous) {
    return refuse(
      401,
      'nobody may call yet: give createFalProxy an `authorize` function, or `allowAnonymous: true` if anyone may spend on this account',
    )
  }
  if (!authorize) return { userId: undefined }
  const verdict = await guard('authorize', () => authorize(request))
  if (verdict instanceof Response) return verdict
  if (request.bodyUsed) {
    return refuse(500, '`authorize` read the body; let it read request.clone() instead')
  }
  if (verdict === true) return { userId: undefined }
  if (!verdict) return refuse(401, 'sign in first')
  return typeof verdict.userId === 'string' && verdict.userId !== ''
    ? { userId: verdict.userId }
    : refuse(500, '`authorize` must return true, false or { userId } with a text that is not empty')
}
