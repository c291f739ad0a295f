import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect, it, onTestFinished, vi } from 'vitest'

it('25-tracing: every call is a span, with what it asked for and what it used', async () => {
  const emulator = await startEmulator()
  vi.stubEnv('FAL_BASE_URL', emulator.url)
  vi.stubEnv('FAL_KEY', 'id:secret')
  const { proxy, traceProxy } = await import('./25-tracing.ts')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await emulator.close()
  })
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  traceProxy(provider.getTracer('my-app'))
  const send: typeof fetch = (url, init) => proxy(new Request(url, init))
  const llm = createFalLlm({ proxyUrl: 'http://localhost/api/fal/proxy', fetch: send })
  await llm.generate({ model: 'google/gemini-2.5-flash', prompt: '/echo hi' })
  // A client may hold a stream open for a moment after its last event.
  await vi.waitUntil(() => exporter.getFinishedSpans().length === 1)
  await proxy(new Request('http://localhost/api/fal/proxy'))

  const spans = exporter.getFinishedSpans()
  expect(spans.map(({ name }) => name)).toEqual(['chat google/gemini-2.5-flash', 'call'])
  expect(spans[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'fal',
    'gen_ai.request.model': 'google/gemini-2.5-flash',
    'gen_ai.usage.input_tokens': expect.any(Number),
    'gen_ai.usage.output_tokens': expect.any(Number),
    'http.response.status_code': 200,
  })
  expect(spans[1]?.attributes).toMatchObject({
    'error.type': 'refused',
    'http.response.status_code': 400,
  })
})
