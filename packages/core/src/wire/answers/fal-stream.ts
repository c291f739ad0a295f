import { openEvents } from './open-answer.ts'
import { parseEvent } from './read-answer.ts'
import { createSnapshotFastPath } from '../sse/snapshot-fast-path.ts'
import { createSnapshotReader } from './snapshots.ts'
import { createIdleTimer, createSseParser, readBytes } from '../sse/sse.ts'
import type { Reading } from '../sse/sse.ts'
import type { TransportCall } from '../call.ts'

/** `POST https://fal.run/{endpoint}/stream`: the answer as it is written. Source: fal-protocol §3, seeds 002 and 003. */
export async function falStream(call: TransportCall): Promise<void> {
  const { id } = call.endpoint
  const answer = await openEvents(call, id.endsWith('/stream') ? id : `${id}/stream`)
  if (!answer) return
  const { response, requestId } = answer
  const snapshots = createSnapshotReader(id, requestId, call.emit)
  const restartIdle = createIdleTimer(call.deadline)
  const parser = createSseParser((message): Reading => {
    restartIdle()
    if (message.data === '[DONE]') return 'done'
    return snapshots.read(parseEvent(message, id, requestId))
  })
  const fastPath = createSnapshotFastPath(parser, {
    onGrowth(field, added) {
      restartIdle()
      snapshots.grow(field, added)
    },
    onRepeat: restartIdle,
  })
  await readBytes(response, call.deadline, fastPath)
  snapshots.end()
}
