// POST https://rest.fal.ai/tokens/ and /tokens/realtime: a short-lived token, as a bare JSON string.

import { parseObject } from '../json.ts'
import type { EmulatorContext } from './exchange.ts'
import { refusal } from './refusal.ts'
import type { TokenSigner } from './token-signer.ts'

const defaultLifetimeSeconds = 120

/** Creates the handler of both addresses; the newer one calls the lifetime `duration`. */
export function createTokenHandler(
  tokenSigner: TokenSigner,
): (context: EmulatorContext) => Response {
  return (context) => {
    const {
      allowed_apps: apps,
      token_expiration: expiration,
      duration,
    } = parseObject(context.env.body) ?? {}
    if (!isStringList(apps)) throw refusal(422, [missingApps])
    const lifetime = expiration ?? duration ?? defaultLifetimeSeconds
    const seconds = typeof lifetime === 'number' && lifetime > 0 ? lifetime : defaultLifetimeSeconds
    context.env.accept()
    return Response.json(tokenSigner.sign(apps, seconds))
  }
}

const missingApps = {
  type: 'missing',
  loc: ['body', 'allowed_apps'],
  msg: 'Field required',
  input: {},
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
