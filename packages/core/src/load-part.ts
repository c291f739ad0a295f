import { FalLlmError } from './errors.ts'

/**
 * Loads a part of this package on its first use, so that a page does not carry it before. `load` is `() => import(…)`.
 *
 * @throws FalLlmError `network`, retryable, when the page cannot fetch it.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch (cause) {
    throw new FalLlmError('network', 'A part of the chat could not be loaded', {
      retryable: true,
      cause,
    })
  }
}
