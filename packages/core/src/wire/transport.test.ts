import { expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import { FalLlmError } from '../errors.ts'
import type { RunMode } from '../events.ts'

test.each<[unknown, string]>([
  ['streaming', 'Did you mean "stream"?'],
  ['Queue', 'Did you mean "queue"?'],
  ['runs', 'Did you mean "run"?'],
  ['xyz', 'must be "stream", "queue" or "run"'],
  ['constructor', 'must be "stream", "queue" or "run"'],
  ['', 'must be "stream", "queue" or "run"'],
  [Object.create(null), 'must be "stream", "queue" or "run"'],
  [7, 'must be "stream", "queue" or "run"'],
])('rule 21: mode %j is invalid-input, and nothing is sent', async (mode, says) => {
  let sent = 0
  const llm = createFalLlm({
    credentials: 'key:secret',
    fetch: () => Promise.reject(new Error(`sent ${++sent}`)),
  })
  // A caller without types may write anything.
  const run = llm.generate({ prompt: 'Hi', model: 'openai/gpt-4o', mode: mode as RunMode })
  const error: unknown = await Promise.resolve(run).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FalLlmError)
  expect(error).toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining(says),
    issues: [{ path: 'mode' }],
  })
  expect(sent).toBe(0)
})
