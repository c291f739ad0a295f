// A chat on the server's store, finished while nobody has it open: fal calls the webhook, the webhook resumes the chat.

import { createFalChat, createFalLlm } from '@fal-llm/core'
import { createFalProxy, createFalWebhookHandler, toFalRequestId } from '@fal-llm/server'
import { createStorage } from 'unstorage'

/** In memory here; with a driver of unstorage it is Redis, a database or files. */
export const storage = createStorage()

/** Who is signed in, by the session in the cookie: your session library keeps this. Never a header the caller writes. */
export const sessions = new Map<string, string>()

/** The browser's route; its `proxyUrl` ends in `?chat=<id>`. */
export const proxy = createFalProxy({
  authorize: ({ headers }) => {
    const [, session = ''] = /(?:^|; )session=([^;]+)/.exec(headers.get('cookie') ?? '') ?? []
    const userId = sessions.get(session)
    return userId === undefined ? false : { userId }
  },
  webhookUrl: process.env.WEBHOOK_URL ?? 'https://app.example/api/fal/webhook',
  onSubmitted: async ({ requestId, request }) => {
    await storage.setItem(`job:${requestId}`, new URL(request.url).searchParams.get('chat'))
  },
})

const fal = createFalLlm()
const llm: typeof fal = {
  ...fal,
  // The chat knows its job under the id of the user who sent it.
  attach: ({ endpoint, requestId }, options) =>
    fal.attach({ endpoint, requestId: toFalRequestId(requestId) }, options),
}

export const webhook = createFalWebhookHandler({
  expectedUserId: process.env.FAL_USER_ID ?? '',
  onEvent: async ({ requestId }) => {
    const id = await storage.getItem<string>(`job:${requestId}`)
    if (id === null) throw new Error('Not noted yet; fal delivers again')
    const chat = createFalChat({ id, llm, storage, mode: 'durable' })
    await chat.resume()
    chat.destroy()
  },
  ...(process.env.FAL_JWKS_URL !== undefined && { jwksUrl: process.env.FAL_JWKS_URL }),
})
