// Short-lived tokens that let a browser call one app without a key. A token is a JWT that holds the apps it allows, so no
// token has to be stored. Each emulator accepts only its own.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'

/** Signs and checks tokens. */
export interface TokenSigner {
  /**
   * Signs a new token.
   *
   * @param apps Aliases, the second part of an app's id: ["any-llm"].
   */
  sign(apps: readonly string[], lifetimeSeconds: number): string
  /**
   * Whether this signer made a token, and the token allows calls to an app now. Never throws: anybody may have sent it.
   */
  allows(token: string, appId: string): boolean
}

/** Creates a signer with a random secret of its own. */
export function createTokenSigner(clock: Clock): TokenSigner {
  const secret = randomBytes(32)
  const hmac = (text: string): Buffer => createHmac('sha256', secret).update(text).digest()
  return {
    sign(apps, lifetimeSeconds) {
      const expiresAt = Math.floor(clock.now() / 1000) + lifetimeSeconds
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ apps, exp: expiresAt })}`
      return `${text}.${hmac(text).toString('base64url')}`
    },
    allows(token, appId) {
      const [, text = '', signature = ''] = /^([^.]+\.[^.]+)\.([^.]+)$/.exec(token) ?? []
      const given = Buffer.from(signature, 'base64url')
      const expected = hmac(text)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
      const { apps, exp } = decode(text.split('.')[1] ?? '')
      const alias = appId.split('/')[1] ?? appId
      return apps.includes(alias) && clock.now() < exp * 1000
    },
  }
}

interface Claims {
  readonly apps: readonly string[]
  readonly exp: number
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decode(part: string): Claims {
  // The signature was checked, so this signer wrote it.
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims
}
