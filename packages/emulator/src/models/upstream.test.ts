import { afterEach, describe, expect, it } from 'vitest'
import { readEvents } from '../../test/read-events.ts'
import { post } from '../../test/requests.ts'
import type { Output } from '../answers/output.ts'
import { createEmulator } from '../emulator.ts'
import type { FaultRule } from '../faults/fault.ts'
import { startEmulator } from '../serve.ts'
import type { RunningEmulator } from '../serve.ts'
import { createUpstreamModel } from './upstream.ts'

const running: RunningEmulator[] = []
afterEach(() => Promise.all(running.splice(0).map((emulator) => emulator.close())))

/** An emulator in front of another one, which plays the real server: it speaks OpenAI's protocol. */
async function start(fault?: FaultRule['fault']) {
  const upstream = await startEmulator()
  running.push(upstream)
  if (fault) upstream.faults.add({ fault })
  const url = `${upstream.url}/fal.run/openrouter/router/openai/v1/`
  const model = createUpstreamModel({ url, key: 'secret', model: 'local/model' })
  return { upstream, emulator: createEmulator({ model }) }
}

const stream = (emulator: ReturnType<typeof createEmulator>, input: object) =>
  emulator.fetch(post('/fal.run/openrouter/router/stream', { model: 'm', ...input }))

describe('createUpstreamModel', () => {
  it('sends the upstream the turns and parameters it got, and streams the answer', async () => {
    const { upstream, emulator } = await start()
    const prompt = 'User: hi\n\nAssistant: yo\n\nUser: /echo from upstream'
    const events = await readEvents<Output>(
      await stream(emulator, {
        prompt,
        system_prompt: 'Be brief.',
        temperature: 0.5,
        max_tokens: 9,
      }),
    )
    expect(events.at(-1)).toMatchObject({ output: 'from upstream', partial: false })
    expect(events.at(-1)?.usage?.total_tokens).toBeGreaterThan(0)
    expect(upstream.requests[0]).toMatchObject({
      authorization: 'Bearer',
      body: {
        model: 'local/model',
        stream: true,
        temperature: 0.5,
        max_tokens: 9,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: 'yo' },
          { role: 'user', content: '/echo from upstream' },
        ],
      },
    })
  })

  it('passes a chat on as it came, tool calls back', async () => {
    const { upstream, emulator } = await start()
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }]
    const response = await emulator.fetch(
      post('/fal.run/openrouter/router/openai/v1/chat/completions', {
        model: 'm',
        messages: [{ role: 'user', content: 'hi' }],
        tools,
        top_p: 0.5,
      }),
    )
    expect(await response.json()).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: 'f', arguments: '{}' } }] } }],
    })
    expect(upstream.requests[0]?.body).toMatchObject({ top_p: 0.5, tools })
  })

  it('turns a refusal, and an error in mid-stream, into an in-band error', async () => {
    const refused = await start({ type: 'respond', status: 503 })
    const events = await readEvents<Output>(await stream(refused.emulator, { prompt: 'hi' }))
    expect(events.at(-1)?.error).toBe('The upstream answered 503')
    const broken = await start({ type: 'error', message: 'boom' })
    const more = await readEvents<Output>(await stream(broken.emulator, { prompt: '/long 9' }))
    expect(more.at(-1)).toMatchObject({ error: 'boom', partial: false })
  })

  it('reports that nobody answers', async () => {
    const model = createUpstreamModel({ url: 'http://127.0.0.1:9/v1' })
    const events = await readEvents<Output>(
      await stream(createEmulator({ model }), { prompt: 'hi' }),
    )
    expect(events.at(-1)?.error).toContain('could not be reached')
  })

  it('rule 1: leaves an answer unfinished that the upstream did not finish', async () => {
    const { emulator } = await start({ type: 'cut', afterEvents: 2 })
    const events = await readEvents<Output>(await stream(emulator, { prompt: '/long 9' }))
    expect(events.at(-1)).toMatchObject({ output: 'The quick', partial: true })
  })

  it('hangs up when its own client does', async () => {
    const { upstream, emulator } = await start({ type: 'stall', afterEvents: 1 })
    const { body } = await stream(emulator, { prompt: '/long 9' })
    const reader = body?.getReader()
    await reader?.read()
    const next = reader?.read()
    await reader?.cancel()
    await next
    await upstream.until(() => upstream.active === 0)
  })
})
