import { HookMisuse } from './call/guard.ts'
import type { Guard } from './call/guard.ts'
import { refuse } from './call/refuse.ts'
import { isResponse } from './call/to-refusal.ts'

/** Decides who may call: `true`, `false`, the caller's id, or a Response to refuse with. */
export type Authorize = (request: Request) => Verdict | Promise<Verdict>

type Verdict = boolean | { readonly userId: string } | Response

/** Who is calling; `userId` is undefined for a guest. */
export interface Caller {
  readonly userId: string | undefined
}

/** Finds out who is calling. Resolves with a refusal for a caller who may not: 401, or 500 when `authorize` failed. */
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
  const verdict = await guard('authorize', async () => toVerdict(await authorize(request)))
  if (verdict instanceof Response) return verdict
  if (request.bodyUsed) {
    return refuse(500, '`authorize` read the body; let it read request.clone() instead')
  }
  return verdict ?? refuse(401, 'sign in first')
}

// What a function returns by mistake, for a missing `await` or `return`, must let nobody in.
function toVerdict(given: Verdict | null | undefined): Caller | Response | undefined {
  if (given === true) return { userId: undefined }
  if (given === false || given === undefined || given === null) return undefined
  // A Response of another class is turned into one of this realm by the guard.
  if (isResponse(given)) return given as Response
  const { userId } = given
  if (typeof userId === 'string' && userId !== '') return { userId }
  throw new HookMisuse(
    'authorize',
    'true, false, a Response or { userId } with a text that is not empty',
    given,
  )
}
