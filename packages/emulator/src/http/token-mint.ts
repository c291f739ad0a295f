// Short-lived tokens that let a browser call one app without a key: JWTs that only this emulator can read. They hold
// what they allow, so nothing has to be remembered.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'

/** Makes and checks tokens. */
export interface TokenMint {
  /**
   * Makes a token.
   *
   * @param apps Aliases, the second part of an app's id: ["any-llm"].
   */
  make(apps: readonly string[], lifetimeSeconds: number): string
  /** Whether a token of this mint allows calls to an app, and still does. Never throws. */
  allows(token: string, appId: string): boolean
}

/** Creates a mint with a secret of its own. */
export function createTokenMint(clock: Clock): TokenMint {
  const secret = randomBytes(32)
  const sign = (text: string): Buffer => createHmac('sha256', secret).update(text).digest()
  return {
    make(apps, lifetimeSeconds) {
      const expiresAt = Math.floor(clock.now() / 1000) + lifetimeSeconds
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ apps, exp: expiresAt })}`
      return `${text}.${sign(text).toString('base64url')}`
    },
    allows(token, appId) {
      const [, text = '', signature = ''] = /^([^.]+\.[^.]+)\.([^.]+)$/.exec(token) ?? []
      const given = Buffer.from(signature, 'base64url')
      const expected = sign(text)
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
  // The signature says that we wrote it.
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims
}
