import { FalLlmError } from '../errors.ts'

/** What `mode` can be. */
export const modes: readonly string[] = ['stream', 'queue', 'run', 'durable']
/** What `whenBusy` can be. */
export const wishes: readonly string[] = ['queue', 'interrupt', 'reject']

/**
 * Returns an option as it was given.
 *
 * @throws FalLlmError `invalid-input` for a word that is none of `names`.
 */
export function oneOf<Name extends string | undefined>(
  option: string,
  given: Name,
  names: readonly string[],
): Name {
  if (given === undefined || names.includes(given)) return given
  throw new FalLlmError('invalid-input', `${option}: '${given}' is none of '${names.join("', '")}'`)
}
