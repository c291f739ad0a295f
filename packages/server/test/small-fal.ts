import { json, startScriptedFal } from './scripted-fal.ts'
import type { Script, ScriptedFal } from './scripted-fal.ts'
import { answer } from './start-proxy.ts'

/** The one job the small fal has. */
export const requestId: string = '764cabcf-b745-4b3e-ae38-1200304cf45b'
const job = `/queue.fal.run/openrouter/router/requests/${requestId}`
const urls = {
  response_url: `https://queue.fal.run/openrouter/router/requests/${requestId}`,
  status_url: `https://queue.fal.run/openrouter/router/requests/${requestId}/status`,
  cancel_url: `https://queue.fal.run/openrouter/router/requests/${requestId}/cancel`,
}
const status = { request_id: requestId, logs: null, ...urls }

const routes: Readonly<Record<string, Script>> = {
  'POST /fal.run/openrouter/router': (response) => json(response, 200, answer),
  'POST /fal.run/openrouter/router/stream': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: event\r\ndata: {"output":"Hel","partial":true}\r\n\r\n')
    response.end('event: event\r\ndata: {"output":"Hello","partial":false}\r\n\r\n')
  },
  'POST /queue.fal.run/openrouter/router': (response) =>
    json(response, 200, { status: 'IN_QUEUE', queue_position: 0, ...status }),
  [`GET ${job}/status?logs=0`]: (response) =>
    json(response, 200, { status: 'COMPLETED', ...status }),
  [`GET ${job}/status/stream?logs=1`]: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(
      `data: ${JSON.stringify({ ...status, status: 'IN_PROGRESS', logs: [] })}\n\n: ping\n\n`,
    )
    response.end(`data: ${JSON.stringify({ ...status, status: 'COMPLETED', logs: [] })}\n\n`)
  },
  [`GET ${job}`]: (response) => json(response, 200, answer),
  [`PUT ${job}/cancel`]: (response) => json(response, 202, { status: 'CANCELLATION_REQUESTED' }),
  'POST /rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3': (response) =>
    json(response, 200, {
      upload_url: 'https://v3.fal.media/files/a/hello.txt?sig=1',
      file_url: 'https://v3.fal.media/files/a/hello.txt',
    }),
  'PUT /v3.fal.media/files/a/hello.txt?sig=1': (response) => json(response, 200, {}),
}

/** A fal with one endpoint, one job and one file: as much as a client needs to go through every call. */
export const startSmallFal: () => Promise<ScriptedFal> = () =>
  startScriptedFal((response, seen) => {
    response.setHeader('x-fal-request-id', requestId)
    const route = routes[`${seen.method} ${seen.path}`]
    if (route) return route(response, seen)
    return json(response, 404, { detail: `Path ${seen.path} not found` })
  })
