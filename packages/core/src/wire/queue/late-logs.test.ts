import { startEmulator } from '@fal-llm/emulator'
import { createManualClock, settled } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'

// No page of fal's shows which log lines a status stream begins with for someone who joins late.
test.each(['all', 'new'] as const)(
  'a job joined late brings each log line once, where a stream begins with %s lines',
  async (lateLogs) => {
    const clock = createManualClock()
    const emulator = await startEmulator({ clock, tokensPerSecond: 10, lateLogs })
    const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' })
    const model = 'google/gemini-2.5-flash'
    const job = await llm.submit({ model, prompt: '/long 60' })
    const passTime = async () => {
      clock.advance(100)
      await settled()
    }
    for (let step = 0; step < 30; step++) await passTime()
    const endpoint = 'openrouter/router'
    const run = llm.attach({ endpoint, requestId: job.requestId }, { logs: true })
    const lines: string[] = []
    const reading = (async () => {
      for await (const event of run) {
        if (event.type === 'queue-update') lines.push(...event.logs.map(({ message }) => message))
      }
    })()
    await emulator.until(() =>
      emulator.requests.some(({ accepted }) => accepted === 'status-stream'),
    )
    const early = lines.length
    while (emulator.queue.running > 0) await passTime()
    await reading
    await emulator.close()
    expect(early).toBeGreaterThan(0)
    expect(lines.length).toBeGreaterThan(early)
    expect(lines[0]).toBe('Asking google/gemini-2.5-flash')
    expect(lines.at(-1)).toMatch(/^Done after/)
    expect(new Set(lines).size).toBe(lines.length)
  },
)
