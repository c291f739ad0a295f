import { FalLlmError } from '../../../errors.ts'
import type { FalLlmErrorCode } from '../../../errors.ts'
import type { MessageStatus } from '../../state.ts'

/** How an answer ends, and whether its job is still to be fetched. */
export interface Ending {
  readonly status: Exclude<MessageStatus, 'pending' | 'streaming'>
  readonly error?: FalLlmError
  readonly keepsJob?: boolean
}

/** What is known of an answer that did not come to its end. */
export interface EndingFacts {
  /** fal has it under a job of its own. */
  readonly isDurable: boolean
  readonly hasWords: boolean
}

/** The connection or the server gave out: the answer itself was not refused. */
const gaveOut: ReadonlySet<FalLlmErrorCode> = new Set(['timeout', 'network', 'interrupted'])
/** fal could not be asked: what it has of the answer it still has. */
const unreachable: ReadonlySet<FalLlmErrorCode> = new Set([
  ...gaveOut,
  'overloaded',
  'rate-limited',
  'auth',
  'forbidden',
])

/** The ending of an answer that failed. A job is lost only when fal says so, or says how it failed. */
export function endingOf(error: FalLlmError, { isDurable, hasWords }: EndingFacts): Ending {
  if (error.code === 'aborted') return { status: 'stopped' }
  if (isDurable) return durableEnding(error)
  const isCut = error.code === 'interrupted' || (hasWords && gaveOut.has(error.code))
  return { status: isCut ? 'interrupted' : 'error', error }
}

function durableEnding(error: FalLlmError): Ending {
  if (error.code === 'not-found') {
    const gone = new FalLlmError(
      'interrupted',
      'fal no longer keeps this answer (an hour after its end, at most). Retry to ask again',
      { requestId: error.requestId, endpoint: error.endpoint, cause: error },
    )
    return { status: 'interrupted', error: gone }
  }
  const isKept = unreachable.has(error.code) || error.retryable
  return isKept ? { status: 'interrupted', error, keepsJob: true } : { status: 'error', error }
}
