import { FalLlmError, toFalLlmError } from '../../errors.ts'
import { longestAskMs } from './ask-job.ts'
import type { JobCall, Job } from './job.ts'
import type { JobProgress } from './job-progress.ts'
import { jobUrl } from './job.ts'
import { isEventStream, readSse } from '../sse/sse.ts'
import type { Reading } from '../sse/sse.ts'
import { createDeadline } from '../../deadline.ts'
import { parseJson } from '../../parse-json.ts'

/** fal's begins with the current status: a stream that says nothing this soon is held back by something in between. */
const firstStatusMs = 1_500
/** After so long without a status it is worth one question whether the end was missed. */
const quietMs = 15_000

/** How a status stream ended without the job's end. */
export type StreamEnding =
  /** It never said a status. */
  | { readonly how: 'refused'; readonly error: FalLlmError }
  /** It broke off after it had said one. */
  | { readonly how: 'cut' }
  /** It is alive but has said nothing for long. */
  | { readonly how: 'quiet' }

/**
 * Follows a job's status stream until the job is completed (undefined) or the stream ends.
 *
 * @param onStatus Called for each status fal said.
 * @throws FalLlmError `auth` or `forbidden`; the deadline's reason on abort.
 */
export async function followStatusStream(
  job: Job,
  call: JobCall,
  progress: JobProgress,
  onStatus: () => void,
): Promise<StreamEnding | undefined> {
  const { http, queue, deadline } = call
  const { connectMs, firstTokenMs, idleMs } = deadline.limits
  const limits = {
    connectMs: Math.min(longestAskMs, connectMs),
    firstTokenMs: Math.min(firstStatusMs, firstTokenMs),
    idleMs: Math.min(quietMs, idleMs),
  }
  const own = createDeadline(deadline.clock, limits, deadline.signal)
  const take = progress.openSource()
  let heard = false
  try {
    const response = await http.send(
      {
        url: jobUrl(job, `/status/stream?logs=${queue.logs ? 1 : 0}`),
        method: 'GET',
        headers: { accept: 'text/event-stream' },
        endpoint: job.endpoint.id,
        once: true,
      },
      own,
    )
    if (!isEventStream(response)) {
      void response.body?.cancel().catch(() => {})
      return { how: 'refused', error: noStream() }
    }
    await readSse(response, own, (message): Reading => {
      if (progress.handle(parseJson(message.data), take)) {
        heard = true
        onStatus()
      }
      return progress.completed() ? 'done' : 'more'
    })
    if (progress.completed()) return undefined
    return heard ? { how: 'cut' } : { how: 'refused', error: noStream() }
  } catch (thrown) {
    if (deadline.signal.aborted) throw deadline.signal.reason
    const error = toFalLlmError(thrown)
    // Only its answer says so: functions of the caller's that failed may be well at the next question.
    if (error.status !== undefined && ['auth', 'forbidden'].includes(error.code)) throw error
    if (!heard) return { how: 'refused', error }
    return { how: error.code === 'timeout' ? 'quiet' : 'cut' }
  } finally {
    own.close()
  }
}

function noStream(): FalLlmError {
  return new FalLlmError('provider', 'fal sent no status where a stream of them was due', {
    retryable: true,
  })
}
