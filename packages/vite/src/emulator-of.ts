import type { Emulator } from '@fal-llm/emulator'

/** As `fal-emulator` talks: for a person at the other end. */
const pace = { tokensPerSecond: 60, firstTokenMs: 200, queueDelayMs: 300 }

type Emulators = Map<string, Promise<Emulator>>

const name = Symbol.for('@fal-llm/vite: emulators')

/**
 * The emulator of a project: one per process and root, made with the first call. It outlives a server that is restarted
 * after a change of its configuration, and so do its jobs and files, even where the restart loads this file anew.
 */
export function emulatorOf(root: string): Promise<Emulator> {
  // Only this package writes there.
  const shared = globalThis as { [name]?: Emulators }
  const emulators = (shared[name] ??= new Map())
  const known = emulators.get(root)
  if (known) return known
  const made = import('@fal-llm/emulator').then(({ createEmulator }) => createEmulator(pace))
  emulators.set(root, made)
  return made
}
