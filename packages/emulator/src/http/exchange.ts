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
  /** The whole body, after it was read; empty for uploads, which are read where they are stored. */
  body: string
  /** The faults of this call: from a rule, or from commands in the prompt. */
  faults: PlannedFaults | undefined
  /** Notes in the log that the call was accepted. */
  accept(): void
  /** Notes something in the log. */
  note(changes: Partial<LoggedRequest>): void
}

/** The type of hono's environment. */
export interface EmulatorEnv {
  readonly Bindings: Exchange
}

/** Hono's context with that environment. */
export type EmulatorContext = Context<EmulatorEnv>
