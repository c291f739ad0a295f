// A span of OpenTelemetry for every call of the proxy, under the names of its GenAI conventions. The proxy knows nothing
// of OpenTelemetry: it publishes to a tracing channel of node:diagnostics_channel.

import { channel, tracingChannel } from 'node:diagnostics_channel'
import { createFalProxy } from '@fal-llm/server'
import type { ProxyTrace } from '@fal-llm/server'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Span, Tracer } from '@opentelemetry/api'

export const proxy = createFalProxy({ allowAnonymous: true })

/** Starts the spans; call it once, with `trace.getTracer('my-app')`. */
export function traceProxy(tracer: Tracer): void {
  const spans = new WeakMap<object, Span>()
  const { start, error, asyncEnd } = tracingChannel<ProxyTrace>('fal-llm.proxy')
  start.subscribe((trace) => {
    spans.set(Object(trace), tracer.startSpan('fal', { kind: SpanKind.CLIENT }))
  })
  channel(error.name).subscribe((trace) => {
    const { error: reason } = trace as ProxyTrace
    spans.get(Object(trace))?.recordException(reason instanceof Error ? reason : String(reason))
  })
  channel(asyncEnd.name).subscribe((trace) => {
    const { finished } = trace as ProxyTrace
    const span = spans.get(Object(trace))
    if (!finished || !span) return
    const { action = 'call', model = '', usage, outcome, status } = finished
    const isChat = action === 'run' || action === 'stream' || action === 'submit'
    span.updateName(isChat ? `chat ${model}` : action)
    span.setAttributes({
      'gen_ai.operation.name': isChat ? 'chat' : action,
      'gen_ai.provider.name': 'fal',
      'gen_ai.request.model': finished.model,
      'gen_ai.response.id': finished.requestId,
      'gen_ai.usage.input_tokens': usage?.promptTokens,
      'gen_ai.usage.output_tokens': usage?.completionTokens,
      'http.response.status_code': status,
      'user.id': finished.userId,
      'error.type': outcome === 'done' ? undefined : outcome,
    })
    if (outcome !== 'done') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
    span.end()
  })
}
