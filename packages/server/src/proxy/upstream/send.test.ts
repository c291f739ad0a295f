import { settled } from '@fal-llm/testkit/settled'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { json, startScriptedFal } from '../../../test/scripted-fal.ts'
import type { ScriptedFal } from '../../../test/scripted-fal.ts'
import {
  closedProxy,
  detailOf,
  failing,
  fakeKey,
  input,
  post,
  request,
  runTarget,
  startProxy,
  streamTarget,
  submitTarget,
} from '../../../test/start-proxy.ts'
import { createFalProxy } from '../../index.ts'
import type { FalProxyOptions } from '../../index.ts'

describe('jobs', () => {
  const requestId = '764cabcf-b745-4b3e-ae38-1200304cf45b'
  const jobUrl = `https://queue.fal.run/openrouter/router/requests/${requestId}`
  const answers = (path: string): unknown => {
    if (path.endsWith(requestId)) return { output: `The id is ${requestId}` }
    return {
      status: 'IN_QUEUE',
      request_id: requestId,
      queue_position: 0,
      status_url: `${jobUrl}/status`,
    }
  }
  const startQueue = () =>
    startScriptedFal((response, { path }) => {
      response.setHeader('x-fal-request-id', requestId)
      json(response, 200, answers(path))
    })
  const authorize = (got: Request): { userId: string } | boolean => {
    const userId = got.headers.get('authorization')
    return userId === null ? true : { userId }
  }

  it('belong to who submitted them', async () => {
    const fal = await startQueue()
    const { call } = await startProxy(fal, { authorize })
    const ann = { authorization: 'ann' }
    const submitted = await call(submitTarget, post(input, ann))
    const { request_id: id, status_url: url } = (await submitted.json()) as Record<string, string>
    expect(id).toMatch(new RegExp(`^${requestId}-[0-9a-f]{32}$`))
    expect(url).toBe(`https://queue.fal.run/openrouter/router/requests/${id}/status`)
    expect(submitted.headers.get('x-fal-request-id')).toBe(id)

    const follow = (job: string, who: string, method = 'GET'): Promise<Response> =>
      call(`${submitTarget}/requests/${job}`, { method, headers: { authorization: who } })
    expect((await follow(`${id}/status`, 'ann')).status).toBe(200)
    expect((await follow(`${id}/status`, 'bob')).status).toBe(403)
    expect((await follow(`${id}/status/stream`, 'bob')).status).toBe(403)
    expect((await follow(`${id}/cancel`, 'bob', 'PUT')).status).toBe(403)
    expect((await follow(`${id}`, 'bob')).status).toBe(403)
    expect((await follow(`${requestId}/status`, 'ann')).status).toBe(403)
    expect(fal.seen.map(({ path }) => path)).toEqual([
      '/queue.fal.run/openrouter/router',
      `/queue.fal.run/openrouter/router/requests/${requestId}/status`,
    ])
  })

  it('keep the id their owner knows in every answer, and the result unchanged', async () => {
    const fal = await startQueue()
    const { call } = await startProxy(fal, { authorize })
    const ann = { authorization: 'ann' }
    const submitted = await call(submitTarget, post(input, ann))
    const { request_id: id } = (await submitted.json()) as Record<string, string>
    const status = await call(`${submitTarget}/requests/${id}/status`, { headers: ann })
    expect(await status.json()).toMatchObject({ request_id: id })
    const result = await call(`${submitTarget}/requests/${id}`, { headers: ann })
    expect(result.headers.get('x-fal-request-id')).toBe(id)
    expect(await result.json()).toEqual({ output: `The id is ${requestId}` })
  })

  it('are open to another server with the same key', async () => {
    const fal = await startQueue()
    const [first, second] = await Promise.all([
      startProxy(fal, { authorize }),
      startProxy(fal, { authorize }),
    ])
    const ann = { authorization: 'ann' }
    const { request_id: id } = (await (
      await first.call(submitTarget, post(input, ann))
    ).json()) as Record<string, string>
    expect(
      (await second.call(`${submitTarget}/requests/${id}/status`, { headers: ann })).status,
    ).toBe(200)
  })

  it('of members stay closed to guests, and those of guests to members', async () => {
    const fal = await startQueue()
    const { call } = await startProxy(fal, { authorize })
    const ann = { authorization: 'ann' }
    const idOf = async (headers: Record<string, string>): Promise<string> => {
      const response = await call(submitTarget, post(input, headers))
      // fal's answer to a submit names the job.
      return ((await response.json()) as { request_id: string }).request_id
    }
    const statusFor = async (id: string, headers: Record<string, string>): Promise<number> =>
      (await call(`${submitTarget}/requests/${id}/status`, { headers })).status
    const [members, guests] = [await idOf(ann), await idOf({})]
    expect(guests).toMatch(new RegExp(`^${requestId}-[0-9a-f]{32}$`))
    expect(await statusFor(members, {})).toBe(403)
    expect(await statusFor(requestId, {})).toBe(403)
    expect(await statusFor(guests, ann)).toBe(403)
    expect(await statusFor(guests, {})).toBe(200)
  })

  it('are named by no answer under the id of fal, those of runs and streams included', async () => {
    const fal = await startQueue()
    const { call } = await startProxy(fal, { authorize })
    for (const target of [runTarget, streamTarget]) {
      const headers = { authorization: 'ann' }
      const { headers: came } = await call(target, post(input, headers))
      const id = came.get('x-fal-request-id') ?? ''
      expect(id).toMatch(new RegExp(`^${requestId}-[0-9a-f]{32}$`))
      expect((await call(`${submitTarget}/requests/${id}/status`, { headers })).status).toBe(200)
    }
  })

  it('outlive a change of the fal key when their ids have a secret of their own', async () => {
    const fal = await startQueue()
    const own = { authorize, jobIdSecret: 'a-secret-of-the-job-ids' }
    const headers = { authorization: 'ann' }
    const submitThrough = async (options: FalProxyOptions): Promise<string> => {
      const { call } = await startProxy(fal, options)
      const response = await call(submitTarget, post(input, headers))
      // fal's answer to a submit names the job.
      return ((await response.json()) as { request_id: string }).request_id
    }
    const followThrough = async (options: FalProxyOptions, id: string): Promise<number> => {
      const { call } = await startProxy(fal, options)
      return (await call(`${submitTarget}/requests/${id}/status`, { headers })).status
    }
    const newKey = `${fakeKey}-new`
    const id = await submitThrough(own)
    expect(await followThrough({ ...own, credentials: newKey }, id)).toBe(200)
    const rotated = ['the-next-secret-of-job-ids', own.jobIdSecret]
    expect(await followThrough({ authorize, jobIdSecret: rotated }, id)).toBe(200)
    expect(await followThrough({ authorize, jobIdSecret: rotated.slice(0, 1) }, id)).toBe(403)
    // Before there was a secret the key was it; it is accepted on, and may be named once it changed.
    const keyed = await submitThrough({ authorize })
    expect(await followThrough(own, keyed)).toBe(200)
    const named = [own.jobIdSecret, fakeKey]
    expect(await followThrough({ authorize, credentials: newKey, jobIdSecret: named }, keyed)).toBe(
      200,
    )
  })

  it('keep the id of fal, byte for byte, where callers are not told apart', async () => {
    const fal = await startQueue()
    const { call } = await startProxy(fal)
    expect(await (await call(submitTarget, post(input))).json()).toMatchObject({
      request_id: requestId,
    })
    expect((await call(`${submitTarget}/requests/${requestId}/status`)).status).toBe(200)
  })

  it('reach onSubmitted before the caller has its answer', async () => {
    const fal = await startQueue()
    const jobs: unknown[] = []
    const { call } = await startProxy(fal, {
      authorize: () => ({ userId: 'ann' }),
      onSubmitted: async ({ endpoint, requestId: id, userId, request: got }) => {
        await Promise.resolve()
        jobs.push([endpoint, id, userId, new URL(got.url).pathname])
      },
    })
    await call(submitTarget, post(input))
    expect(jobs).toEqual([['openrouter/router', requestId, 'ann', '/api/fal/proxy']])
  })

  it('are not lost when the server fails to note them', async () => {
    const fal = await startQueue()
    const onError = vi.fn<(error: unknown, stage: string) => void>()
    const onSubmitted = failing('disk full')
    const { call } = await startProxy(fal, { onSubmitted, onError })
    expect(await (await call(submitTarget, post(input))).json()).toMatchObject({
      request_id: requestId,
    })
    expect(onError.mock.calls[0]?.slice(0, 2)).toEqual([new Error('disk full'), 'onSubmitted'])
  })

  it('that were not accepted are answered as fal did', async () => {
    const fal = await startScriptedFal((response) =>
      json(response, 403, { detail: 'User is locked.' }),
    )
    const { call } = await startProxy(fal, { authorize: () => ({ userId: 'ann' }) })
    const response = await call(submitTarget, post(input))
    expect([response.status, await response.json()]).toEqual([403, { detail: 'User is locked.' }])
  })
})

it('text that came is not lost while the answer waits for its sealed id', async () => {
  const sealing = vi.spyOn(crypto.subtle, 'sign')
  onTestFinished(() => void sealing.mockRestore())
  let breakOff: () => void = () => {}
  const sign = crypto.subtle.sign.bind(crypto.subtle)
  sealing.mockImplementation(async (...given) => {
    // What fal sent is here, and the connection breaks before the id is sealed.
    await settled()
    breakOff()
    await settled()
    sealing.mockRestore()
    return sign(...given)
  })
  const body = new ReadableStream<Uint8Array>({
    start(to) {
      to.enqueue(new TextEncoder().encode('data: words\n\n'))
      breakOff = () => to.error(new Error('reset'))
    },
  })
  const headers = { 'x-fal-request-id': 'R1', 'content-type': 'text/event-stream' }
  const send = (): Promise<Response> => Promise.resolve(new Response(body, { headers }))
  const options = { credentials: fakeKey, authorize: () => ({ userId: 'ann' }), fetch: send }
  const response = await createFalProxy(options)(request(streamTarget, post(input)))
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: words\n\n')
  await expect(reader?.read()).rejects.toThrow(/broke off/)
})

describe('a submit whose caller leaves', () => {
  const job = { request_id: 'R1', status: 'IN_QUEUE' }
  const submitted = (fal: Pick<ScriptedFal, 'url'>, options: FalProxyOptions = {}) => {
    const noted: string[] = []
    const caller = new AbortController()
    const handler = createFalProxy({
      credentials: fakeKey,
      allowAnonymous: true,
      baseUrl: fal.url,
      onSubmitted: ({ requestId }) => void noted.push(requestId),
      ...options,
    })
    const call = handler(request(submitTarget, { ...post(input), signal: caller.signal }))
    return { noted, caller, call }
  }

  it.each(['before fal answers', 'in the middle of its answer', 'in the middle of a long one'])(
    '%s is read to its end and noted',
    async (when) => {
      let reach: (answerOn: () => void) => void = () => {}
      const reached = new Promise<() => void>((resolve) => (reach = resolve))
      const fal = await startScriptedFal((response) => {
        const text = JSON.stringify(job)
        const length = when.endsWith('long one') ? {} : { 'content-length': text.length }
        response.setHeader('content-type', 'application/json')
        if (when === 'before fal answers') return reach(() => json(response, 200, job))
        response.writeHead(200, length).write(text.slice(0, 9))
        return reach(() => response.end(text.slice(9)))
      })
      const { noted, caller, call } = submitted(fal)
      const answerOn = await reached
      caller.abort()
      await settled()
      answerOn()
      expect((await call).status).toBe(200)
      expect(noted).toEqual(['R1'])
    },
  )

  it('before it was sent is not sent', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, job))
    const { noted, caller, call } = submitted(fal, {
      onRequest: () => caller.abort(),
    })
    expect((await call).status).toBe(499)
    expect([fal.seen.length, noted]).toEqual([0, []])
  })

  it('is handed to waitUntil, so that a runtime that ends with the caller does not end it', async () => {
    const fal = await startScriptedFal((response) => json(response, 200, job))
    const kept: Promise<unknown>[] = []
    const { call } = submitted(fal, { waitUntil: (work) => void kept.push(work) })
    await call
    expect(kept).toHaveLength(1)
    await expect(kept[0]).resolves.toBeInstanceOf(Response)
  })

  it('is noted by the id of its header when fal breaks off in its answer', async () => {
    const fal = await startScriptedFal((response) => {
      response.writeHead(200, { 'x-fal-request-id': 'R1', 'content-type': 'application/json' })
      response.write('{"request_id":')
      setImmediate(() => response.socket?.resetAndDestroy())
    })
    const { noted, call } = submitted(fal)
    const response = await call
    expect(response.status).toBe(502)
    expect(await detailOf(response)).toMatch(/accepted/)
    expect(response.headers.get('x-fal-request-id')).toBe('R1')
    expect(noted).toEqual(['R1'])
  })
})

describe('uploads', () => {
  const initiate = 'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3'

  it('start through the proxy, with URLs that lead where the base URL does', async () => {
    const fal = await startScriptedFal((response) =>
      json(response, 200, {
        upload_url: 'https://v3.fal.media/files/a?sig=1',
        file_url: 'https://v3.fal.media/files/a',
      }),
    )
    const { call } = await startProxy(fal, { allowUploads: true })
    const file = { content_type: 'text/plain', file_name: 'a.txt' }
    const response = await call(initiate, post(file, { 'x-fal-object-lifecycle': '{}' }))
    expect(await response.json()).toEqual({
      upload_url: `${fal.url}/v3.fal.media/files/a?sig=1`,
      file_url: `${fal.url}/v3.fal.media/files/a`,
    })
    expect(fal.seen[0]?.headers['x-fal-object-lifecycle']).toBe('{}')
  })

  it('are refused unless they are allowed', async () => {
    const response = await closedProxy()(request(initiate, post({})))
    expect(response.status).toBe(403)
  })
})
