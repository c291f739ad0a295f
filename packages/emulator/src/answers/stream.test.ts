import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { readEvents } from '../../test/read-events.ts'
import { post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { EmulatorOptions } from '../options.ts'
import type { Output } from './output.ts'

const anyLlm = '/fal.run/fal-ai/any-llm/stream'
const router = '/fal.run/openrouter/router/stream'

const open = (input: object, options: EmulatorOptions = {}, path = anyLlm) =>
  createEmulator(options).fetch(post(path, input))

describe('stream', () => {
  it('writes events as fal does: a name, CRLF, the whole text so far, a repeat, and partial:false at the end', async () => {
    const response = await open({ prompt: '/echo Find meaning.' })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('x-fal-request-id')).toBeTruthy()
    expect(await response.text()).toBe(
      [
        'event: event\r\ndata: {"output": "Find", "partial": true, "error": null}\r\n\r\n',
        'event: event\r\ndata: {"output": "Find meanin", "partial": true, "error": null}\r\n\r\n',
        'event: event\r\ndata: {"output": "Find meaning", "partial": true, "error": null}\r\n\r\n',
        'event: event\r\ndata: {"output": "Find meaning.", "partial": true, "error": null}\r\n\r\n',
        'event: event\r\ndata: {"output": "Find meaning.", "partial": true, "error": null}\r\n\r\n',
        'event: event\r\ndata: {"output": "Find meaning.", "partial": false, "error": null}\r\n\r\n',
      ].join(''),
    )
  })

  it('streams snapshots that only grow, repeat now and then, and end with the text of a run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 120 }), async (said) => {
        const input = { prompt: `/echo x${said.replaceAll(/[\r\n/:]/g, '')}`, model: 'm' }
        const events = await readEvents<Output>(await open(input, {}, router))
        for (const [index, event] of events.entries()) {
          expect(event.output.startsWith(events[index - 1]?.output ?? '')).toBe(true)
          expect(event.partial).toBe(index < events.length - 1)
        }
        const run = await createEmulator().fetch(post('/fal.run/openrouter/router', input))
        expect(events.at(-1)).toEqual(await run.json())
      }),
      { numRuns: 50 },
    )
  })

  it('repeats an unchanged snapshot in a longer answer', async () => {
    const events = await readEvents<Output>(await open({ prompt: '/long 30' }))
    const repeats = events.filter(({ output }, index) => output === events[index - 1]?.output)
    expect(repeats.length).toBeGreaterThan(3)
  })

  it('reports the usage with the last event only', async () => {
    const events = await readEvents<Output>(
      await open({ prompt: '/long 9', model: 'm' }, {}, router),
    )
    expect(events.map(({ usage }) => usage !== undefined)).toEqual([
      ...events.slice(1).map(() => false),
      true,
    ])
  })

  it('streams reasoning before the text', async () => {
    const events = await readEvents<Output>(await open({ prompt: '/echo hi', reasoning: true }))
    expect(events[0]).toMatchObject({ output: '', reasoning: 'The', partial: true })
    const last = events.at(-1)
    expect(last?.output).toBe('hi')
    expect(events.filter(({ output }) => output !== '').map(({ reasoning }) => reasoning)).toEqual(
      events.filter(({ output }) => output !== '').map(() => last?.reasoning),
    )
  })

  it('reports an error in an event, with the text so far, on HTTP 200', async () => {
    const response = await open({ prompt: '/echo one two three four\n/error Provider gave up' })
    expect(response.status).toBe(200)
    expect((await readEvents<Output>(response)).at(-1)).toEqual({
      output: 'one two',
      partial: false,
      error: 'Provider gave up',
    })
  })

  it('streams an answer without a word', async () => {
    expect(await readEvents<Output>(await open({ prompt: '/empty' }))).toEqual([
      { output: '', partial: true, error: null },
      { output: '', partial: false, error: null },
    ])
  })

  it('refuses what is wrong before the stream begins', async () => {
    const response = await open({ prompt: 5 })
    expect(response.status).toBe(422)
    expect(response.headers.get('content-type')).toContain('application/json')
  })

  it('writes events otherwise when asked to: LF, no name, comments, ASCII', async () => {
    const framing = { lineEnd: '\n', eventName: false, comments: true, asciiOnly: true } as const
    const text = await (await open({ prompt: '/echo é' }, { framing })).text()
    expect(text).toBe(
      [
        ': ping\n\ndata: {"output": "\\u00e9", "partial": true, "error": null}\n\n',
        ': ping\n\ndata: {"output": "\\u00e9", "partial": true, "error": null}\n\n',
        ': ping\n\ndata: {"output": "\\u00e9", "partial": false, "error": null}\n\n',
      ].join(''),
    )
  })

  it('puts what comes within the least interval into one event', async () => {
    const clock = createManualClock()
    const response = await open(
      { prompt: '/echo one two three four five six' },
      { clock, tokensPerSecond: 100, minEventIntervalMs: 30 },
    )
    const events = readEvents<Output>(response)
    await clock.advance(1000)
    expect((await events).map(({ output }) => output)).toEqual([
      'one',
      'one two three four',
      'one two three four five six',
      'one two three four five six',
    ])
  })

  it('stops working when the reader goes away', async () => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock, firstTokenMs: 1000 })
    const { body } = await emulator.fetch(post(anyLlm, { prompt: '/long' }))
    const reader = body?.getReader()
    const reading = reader?.read()
    await clock.advance(10)
    expect(emulator.active).toBe(1)
    expect(clock.pending).toBe(1)
    await reader?.cancel()
    expect((await reading)?.done).toBe(true)
    expect(emulator.active).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('does not run ahead of its reader', async () => {
    const emulator = createEmulator()
    const { body } = await emulator.fetch(post(anyLlm, { prompt: '/long 1000' }))
    const reader = body?.getReader()
    await reader?.read()
    expect(emulator.active).toBe(1)
    await reader?.cancel()
    await emulator.until(() => emulator.active === 0)
  })
})
