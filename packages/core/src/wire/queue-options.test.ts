import { startEmulator } from '@fal-llm/emulator'
import { expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import type { GenerateRequest } from '../generate/fal-llm.ts'

test.each([
  [{ follow: 'pol' }, 'follow: must be "auto" or "stream" or "poll"; nearest is "poll"'],
  [{ follow: 'xyzzy' }, 'follow: must be "auto" or "stream" or "poll"'],
  [{ priority: 'lo' }, 'priority: must be "normal" or "low"; nearest is "low"'],
])('rule 21: %o is refused before a job is submitted', async (options, message) => {
  const emulator = await startEmulator()
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' })
  const request = { model: 'a/b', prompt: 'hi', mode: 'queue', ...options } as GenerateRequest
  for (const asking of [llm.generate(request), llm.submit(request)]) {
    await expect(Promise.resolve(asking)).rejects.toMatchObject({ code: 'invalid-input', message })
  }
  expect(emulator.requests).toEqual([])
  await emulator.close()
})
