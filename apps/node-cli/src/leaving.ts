import { constants } from 'node:os'
import { exitCodes } from './exit-codes.ts'
import type { OpenChat } from './open-chat.ts'

/** Leaves in order when the system, or whoever reads our output, wants us to. */
export interface Leaving {
  /** What has to be put in order first. */
  attend(open: OpenChat): void
  /** The exit code, once we were told to leave. */
  readonly code: number | undefined
}

/** Begins to listen. */
export function createLeaving(machine: NodeJS.Process): Leaving {
  let open: OpenChat | undefined
  let code: number | undefined
  const leave = (how: number, order: Promise<void> | undefined): void => {
    code ??= how
    void Promise.resolve(order).finally(() => machine.exit(code))
  }
  // `fal-chat … | head -1`: nobody reads on, so nobody needs the rest.
  machine.stdout.on('error', () => leave(exitCodes.ok, open?.chat.stop().then(open.close)))
  machine.stderr.on('error', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    machine.once(signal, () => leave(128 + constants.signals[signal], open?.close()))
  }
  return {
    attend(next) {
      open = next
    },
    get code() {
      return code
    },
  }
}
