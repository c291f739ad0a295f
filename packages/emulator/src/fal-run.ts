// https://fal.run: POST an input to an endpoint's path, or to its path with /stream behind it.

import type { Activity } from './activity.ts'
import type { Doorkeeper } from './authorize.ts'
import type { EmulatorContext } from './exchange.ts'
import { assertAppExists, findEndpoint, throwNoPath, toAppId } from './find-endpoint.ts'
import { toQuestion } from './models/question.ts'
import type { ResolvedOptions } from './options.ts'
import { readInput } from './read-input.ts'
import { refusal } from './refusal.ts'
import { run } from './run.ts'
import { stream } from './stream.ts'

/** What answering a call takes. */
export interface Services {
  readonly options: ResolvedOptions
  readonly activity: Activity
  readonly doorkeeper: Doorkeeper
}

const streamSuffix = '/stream'

/** Creates the handler of fal.run. */
export function createFalRun(services: Services): (context: EmulatorContext) => Promise<Response> {
  const { options, activity, doorkeeper } = services
  return async (context) => {
    const { address, accept } = context.env
    const path = address.path.slice(1)
    assertAppExists(options.endpoints, path)
    doorkeeper.admit(context.req.header('authorization'), toAppId(path))
    const streams = path.endsWith(streamSuffix)
    const endpoint = findEndpoint(
      options.endpoints.filter(({ supports }) => supports.stream || !streams),
      streams ? path.slice(0, -streamSuffix.length) : path,
      path,
    )
    if (streams && endpoint.kind === 'messages') throwNoPath(path)
    if (context.req.method !== 'POST') {
      throw refusal(405, 'Method Not Allowed', { allow: 'POST' })
    }
    const input = readInput(endpoint, context.var.body, context.req.header('content-type'))
    if (!input.ok) throw refusal(422, input.detail, { 'x-fal-billable-units': '0' })
    accept()
    const question = toQuestion(endpoint, input.value)
    if (streams) return stream(question, options.model, activity, options)
    return run(question, options.model, activity, context.req.raw.signal)
  }
}
