import { FalLlmError } from '../../../errors.ts'
import { isSoon } from './run-steps.ts'
import type { Soon } from './run-steps.ts'

/** Milliseconds a storage may take over one call. */
export const patienceMs = 2_000

/**
 * Waits for a storage, and not for ever. What is there at once is handed through.
 *
 * @param what What is being done, "saved": "The conversation could not be saved".
 * @throws FalLlmError `storage` (rejects) after two seconds.
 */
export function withPatience<T>(value: Soon<T>, what: string): Soon<T> {
  if (!isSoon(value)) return value
  return new Promise<T>((resolve, reject) => {
    const silence = new Error(`the storage did not answer within ${patienceMs} ms`)
    const giveUp = (): void => reject(storageError(what, silence))
    const timer = setTimeout(giveUp, patienceMs)
    void (async () => {
      try {
        resolve(await value)
      } catch (cause) {
        reject(storageError(what, cause))
      } finally {
        clearTimeout(timer)
      }
    })()
  })
}

/** Says what failed and what to do. */
export function storageError(what: string, cause: unknown): FalLlmError {
  if (cause instanceof FalLlmError && cause.code === 'storage') return cause
  const reason = cause instanceof Error && cause.message ? `: ${cause.message}` : ''
  return new FalLlmError(
    'storage',
    `The conversation could not be ${what}${reason}. It goes on without its storage, which is tried again with each change; check that it has room and is allowed`,
    { retryable: true, cause },
  )
}
