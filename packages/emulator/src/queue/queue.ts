// https://queue.fal.run: submit, status, status stream, result, cancel. A job is found by its id alone, under the path
// of its app or under the whole path it was submitted to.

import type { Services } from '../answers/services.ts'
import { matchJobId } from '../http/call-name.ts'
import type { EmulatorContext } from '../http/exchange.ts'
import { assertAppExists } from '../http/find-endpoint.ts'
import { refusal } from '../http/refusal.ts'
import { writeJson } from '../http/write-json.ts'
import { toStatus, toFollowUpUrls, wantsLogs } from './job-status.ts'
import type { Job } from './job.ts'
import type { CancelResult, Jobs } from './jobs.ts'
import { streamStatus } from './status-stream.ts'
import { submit } from './submit.ts'

/** Creates the handler of queue.fal.run. */
export function createQueue(
  services: Services,
  jobs: Jobs,
): (context: EmulatorContext) => Response {
  const { options, authorizer } = services
  return (context) => {
    const { address, call } = context.env
    assertAppExists(options.endpoints, address.path.slice(1))
    authorizer.authorizeApp(context)
    if (call === 'submit') return submit(context, options, jobs)
    const id = matchJobId(address.path)
    if (call === undefined) {
      throw refusal(405, 'Method Not Allowed', { allow: id === undefined ? 'POST' : 'GET, PUT' })
    }
    const job = jobs.find(id ?? '')
    if (!job) return Response.json({ status: 'NOT_FOUND' }, { status: 404 })
    context.env.accept()
    const response = follow(job, context, services, jobs)
    response.headers.set('x-fal-request-id', job.id)
    return response
  }
}

function follow(
  job: Job,
  { env: { address, call } }: EmulatorContext,
  { options }: Services,
  jobs: Jobs,
): Response {
  switch (call) {
    case 'status-stream':
      return streamStatus(job, jobs, address, options)
    case 'result':
      return toResult(job)
    case 'cancel':
      return cancelAnswers[jobs.cancel(job)]()
    default: {
      const logs = wantsLogs(address.query) ? job.logs : undefined
      const body = toStatus(job, jobs.position(job), logs, toFollowUpUrls(job, address))
      return new Response(writeJson(body), {
        status: job.status === 'COMPLETED' ? 200 : 202,
        headers: { 'content-type': 'application/json' },
      })
    }
  }
}

function toResult({ outcome }: Job): Response {
  if (!outcome) throw refusal(400, 'Request is still in progress')
  return new Response(outcome.body, { status: outcome.status, headers: outcome.headers })
}

const cancelAnswers: Readonly<Record<CancelResult, () => Response>> = {
  removed: () => Response.json({ status: 'OK' }),
  requested: () => Response.json({ status: 'CANCELLATION_REQUESTED' }, { status: 202 }),
  'already-completed': () => Response.json({ status: 'ALREADY_COMPLETED' }, { status: 400 }),
}
