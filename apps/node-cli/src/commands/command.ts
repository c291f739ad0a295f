import type { Screen } from '../print/screen.ts'
import type { Session } from '../session.ts'

/** What a command works on. */
export interface Desk {
  readonly session: Session
  readonly screen: Screen
  /** Lets someone choose from a list; undefined when they would rather not. */
  pick(list: PickList): Promise<string | undefined>
}

/** A list to choose from. */
export interface PickList {
  readonly question: string
  readonly entries: readonly PickEntry[]
  /** The id that is chosen now. */
  readonly current: string
}

/** An entry of a list. */
export interface PickEntry {
  readonly id: string
  readonly hint?: string
}

/** Something a line that begins with a slash can do. */
export interface Command {
  /** How it is written, "/model [id]". */
  readonly usage: string
  readonly summary: string
  /**
   * Does it; 'leave' ends the conversation.
   *
   * @throws Misuse with a sentence when it cannot be done.
   */
  run(desk: Desk, argument: string): Promise<'leave' | void> | 'leave' | void
}
