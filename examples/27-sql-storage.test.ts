import { startEmulator } from '@fal-llm/emulator'
import { expect, it, onTestFinished } from 'vitest'
import { runExample } from './run-example.ts'

// A database that has to be compiled first takes a busy machine long.
it('27-sql-storage: two machines ask at once, and every turn of each is there', async () => {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const environment = { FAL_BASE_URL: emulator.url, FAL_KEY: 'id:secret' }
  const { code, stdout, stderr } = await runExample('27-sql-storage.ts', [], environment)
  expect(code, stderr).toBe(0)
  expect(stdout).toBe("2\n[ [ 'trip', 4 ] ]\n")
  expect(emulator.requests.map(({ accepted }) => accepted)).toEqual(['stream', 'stream'])
}, 120_000)
