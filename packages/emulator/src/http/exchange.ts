import type { Context } from 'hono'
import type { Connection } from '../faults/connection.ts'
import type { CallName } from '../faults/fault.ts'
import type { PlannedFaults } from '../faults/faults.ts'
import type { FalAddress } from './address.ts'
import type { LoggedRequest } from './request-log.ts'

/** One request on its way through the emulator. */
export interface Exchange {
  readonly address: FalAddress
  readonly call: CallName | undefined
  readonly requestId: string
  readonly connection: Connection | undefined
  /** The whole body, once it was read; empty for uploads, which are read where they are stored. */
  body: string
  /** What is to go wrong: scripted, or asked for in the prompt. */
  faults: PlannedFaults | undefined
  /** Notes in the log that the call was taken on. */
  accept(): void
  /** Notes something in the log. */
  note(changes: Partial<LoggedRequest>): void
}

/** What travels with hono's context. */
export interface EmulatorEnv {
  readonly Bindings: Exchange
}

/** Hono's context, typed for the emulator. */
export type EmulatorContext = Context<EmulatorEnv>
