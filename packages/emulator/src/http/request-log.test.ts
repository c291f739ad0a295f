import { describe, expect, it } from 'vitest'
import { parseAddress } from './address.ts'
import { createRequestLog, toLogEntry, toLoggedBody } from './request-log.ts'

const request = new Request('http://127.0.0.1:1/fal.run/fal-ai/any-llm?a=b', {
  method: 'POST',
  headers: { authorization: 'Key id:secret', 'x-mine': 'yes' },
})
const known = { requestId: 'id', receivedAt: 0, call: 'run' } as const
const entry = toLogEntry(request, parseAddress(request), known)

describe('the log', () => {
  it('rule 12: knows that there was a key, and of what kind, and not which', () => {
    expect(entry).toMatchObject({ authorization: 'Key', headers: { 'x-mine': 'yes' } })
    expect(JSON.stringify(entry)).not.toContain('secret')
  })

  it('keeps no more bodies than fit, and forgets the oldest requests for them', () => {
    const log = createRequestLog(100_000, () => {})
    const body = toLoggedBody('x'.repeat(60_000))
    for (let count = 0; count < 1200; count++) log.add(entry)(body)
    expect(log.requests.length).toBeLessThan(1200)
    expect(log.requests.length).toBeGreaterThan(1100)
  })

  it('does not keep a body of more than 64 Ki characters', () => {
    expect(toLoggedBody('x'.repeat(65_537))).toEqual({ body: undefined, bodyCharacters: 0 })
    expect(toLoggedBody('x'.repeat(65_536)).bodyCharacters).toBe(65_536)
  })
})
