import { HTTPException } from 'hono/http-exception'
import { answer, readQuestion } from '../answers/answer.ts'
import type { Services } from '../answers/services.ts'
import type { Model } from '../models/model.ts'
import type { Job, JobOutcome } from './job.ts'
import { cancelled } from './jobs.ts'

/** A job writes a line of its log after so many tokens. */
const tokensPerLine = 20

/**
 * Runs a job, with log lines, and answers as fal.run would have. The input is validated only here: a submit accepts any
 * input, as fal does.
 */
export async function runJob(
  job: Job,
  services: Services,
  log: (message: string) => void,
): Promise<JobOutcome> {
  const { signal } = job.abort
  if (job.plannedOutcome) return job.plannedOutcome
  try {
    const question = readQuestion(job.posted, services)
    log(`Asking ${question.model}`)
    const model = withLog(services.model, log)
    return await toOutcome(await answer(question, { ...services, model }, signal, false))
  } catch (error) {
    if (signal.aborted) return cancelled
    if (error instanceof HTTPException) return toOutcome(error.getResponse())
    throw error
  }
}

function withLog(model: Model, log: (message: string) => void): Model {
  return async function* logged(question, signal) {
    let tokens = 0
    for await (const piece of model(question, signal)) {
      if (piece.type !== 'end' && piece.type !== 'error') tokens += 1
      if (tokens % tokensPerLine === 0 && tokens > 0) log(`${tokens} tokens so far`)
      yield piece
    }
    log(`Done after ${tokens} tokens`)
  }
}

const keptHeaders = ['content-type', 'x-fal-billable-units', 'x-fal-error-type']

async function toOutcome(response: Response): Promise<JobOutcome> {
  const headers = [...response.headers].filter(([name]) => keptHeaders.includes(name))
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: await response.text(),
  }
}
