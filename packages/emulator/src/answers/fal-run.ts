// https://fal.run: POST an input to an endpoint's path, or to its path with /stream behind it.

import type { EmulatorContext } from '../http/exchange.ts'
import { assertAppExists, findEndpoint, throwNoPath } from '../http/find-endpoint.ts'
import { refusal } from '../http/refusal.ts'
import { answer, readQuestion } from './answer.ts'
import { listModels } from './list-models.ts'
import type { Services } from './services.ts'
import { stream } from './stream.ts'

const streamSuffix = '/stream'
const modelsSuffix = '/models'

/** Creates the handler of fal.run. */
export function createFalRun(services: Services): (context: EmulatorContext) => Promise<Response> {
  const { options, authorizer } = services
  return async (context) => {
    const { address, accept } = context.env
    const { method, raw } = context.req
    const path = address.path.slice(1)
    assertAppExists(options.endpoints, path)
    authorizer.authorizeApp(context)
    const chat = options.endpoints.find(({ id }) => id.replace(chatSuffix, modelsSuffix) === path)
    if (method === 'GET' && chat?.kind === 'messages') return listModels(chat, options.clock.now())
    const streams = path.endsWith(streamSuffix)
    const id = streams ? path.slice(0, -streamSuffix.length) : path
    const endpoint = findEndpoint(options.endpoints, id, path)
    if (streams && !(endpoint.kind === 'prompt' && endpoint.supports.stream)) throwNoPath(path)
    if (method !== 'POST') throw refusal(405, 'Method Not Allowed', { allow: 'POST' })
    const contentType = context.req.header('content-type')
    const question = readQuestion({ path: id, body: context.env.body, contentType }, services)
    accept()
    return streams ? stream(question, services) : answer(question, services, raw.signal, true)
  }
}

/** OpenAI's routes lie side by side; only the first is an endpoint of its own. */
const chatSuffix = /\/chat\/completions$/
