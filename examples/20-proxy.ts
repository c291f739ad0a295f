// The key stays on this server; a browser needs no more than this route. Which users may call is yours to decide.

import { createServer } from 'node:http'
import { createFalProxy } from '@fal-llm/server'
import { toNodeHandler } from '@fal-llm/server/node'

const sessions = new Map([['a-session', { userId: 'ann' }]])

const proxy = createFalProxy({
  authorize: ({ headers }) => sessions.get(headers.get('x-session') ?? '') ?? false,
})

export const server = createServer(toNodeHandler(proxy))
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
