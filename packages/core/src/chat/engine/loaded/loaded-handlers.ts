// What `step` needs only once something is asked or a storage is read. A page that shows a chat does not carry it; the
// driver loads it before the first event that needs it.

import {
  acceptAnswer,
  finishAnswer,
  forgetCancelled,
  handleAnswerEvents,
  takeUploads,
} from './answer-progress.ts'
import { currentRun, foldRun, foldWords, leaveAnswer, stopAnswer } from './end-answer.ts'
import { laterCommands, moveLine, sameWish } from './ask-again.ts'
import { claimJobs, leaveClaim, openStorage, takeClaim, takeStored } from './other-chats.ts'
import { setRun } from '../draft.ts'
import type { LoadedHandlers } from '../draft.ts'

/** The handlers of the part that is loaded on use. */
export const loadedHandlers: LoadedHandlers = {
  commands: laterCommands,
  claimJobs,
  sameWish,
  moveLine,
  stopAnswer,
  leaveAnswer,
  foldRun,
  foldWords,
  events: {
    'stored-merged': takeStored,
    'storage-opened': openStorage,
    'claim-granted': takeClaim,
    'claim-refused': leaveClaim,
    'answer-events': handleAnswerEvents,
    'answer-phase'(draft, { id, attempt, phase }) {
      const run = currentRun(draft, id, attempt)
      if (run && run.phase !== 'streaming') setRun(draft, id, { ...run, phase })
    },
    'answer-context'(draft, { id, attempt, context }) {
      const run = currentRun(draft, id, attempt)
      if (run) setRun(draft, id, { ...run, body: { ...run.body, context } })
    },
    'turn-uploaded': takeUploads,
    'answer-accepted': acceptAnswer,
    'answer-ended': finishAnswer,
    'job-cancelled': forgetCancelled,
  },
}
