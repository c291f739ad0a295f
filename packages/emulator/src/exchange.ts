import type { Context } from 'hono'
import type { FalAddress } from './address.ts'
import type { CallName } from './call-name.ts'
import type { LoggedRequest } from './request-log.ts'

/** What only a socket can do; there is none when an emulator is called as a function. */
export interface Connection {
  /** Cuts the connection with a reset, once what was written has left. */
  reset(): void
  /** Closes the server, every connection with it, and opens it again on the same port. */
  restart(downMs: number): void
}

/** One request on its way through the emulator. */
export interface Exchange {
  readonly address: FalAddress
  readonly call: CallName | undefined
  readonly requestId: string
  readonly connection: Connection | undefined
  /** Notes in the log that the call was taken on. */
  accept(): void
  /** Notes something in the log. */
  note(changes: Partial<LoggedRequest>): void
}

/** What travels with hono's context. */
export interface EmulatorEnv {
  readonly Bindings: Exchange
  /** The whole body; empty for uploads, which are read where they are stored. */
  readonly Variables: { body: string }
}

/** Hono's context, typed for the emulator. */
export type EmulatorContext = Context<EmulatorEnv>
