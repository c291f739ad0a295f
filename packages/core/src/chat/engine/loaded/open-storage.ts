import { toFalLlmError } from '../../../errors.ts'
import { loadPart } from '../../../load-part.ts'
import type { Persistence } from '../../storage/persistence.ts'
import type { WorkerHost } from '../engine.ts'

/** Loads the storage's part, opens the storage and reads it. `opened` gets it before it is read. Never rejects. */
export async function openStorage(
  host: WorkerHost,
  opened: (persistence: Persistence) => void,
): Promise<void> {
  const { dispatch, value } = host
  const { storage } = host.options()
  const { source, generation } = value().here.storage
  if (!storage) return
  const { by, seeds } = value().here
  try {
    const { createPersistence } = await loadPart(() => import('../../storage/persistence.ts'))
    if (source !== value().here.storage.source || value().here.isClosed) return
    const persistence = createPersistence({
      storage,
      chatId: host.id,
      by,
      generation,
      seeds,
      kept: host.kept,
      adopt: (kept, files) => dispatch({ type: 'stored-merged', source, kept, files }),
      opened: () => dispatch({ type: 'storage-opened', source }),
      failing(error) {
        dispatch({ type: 'storage-failing', source, isFailing: error !== undefined })
        if (error) host.report(error)
      },
    })
    opened(persistence)
    for (const [id, files] of value().here.files) persistence.keepBlobs(id, files)
    await persistence.read()
  } catch (thrown) {
    // The part could not be fetched: the chat goes on without its storage, and says so.
    dispatch({ type: 'storage-failing', source, isFailing: true })
    dispatch({ type: 'storage-opened', source })
    host.report(toFalLlmError(thrown))
  }
}
