import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { build } from 'vite'
import type { Rollup } from 'vite'
import { FalLlmError, toFalLlmError } from './errors.ts'

test('an error prints as FalLlmError: as a string, in its stack, on the console, as JSON', () => {
  const error = new FalLlmError('timeout', 'too late')
  expect(String(error)).toBe('FalLlmError: too late')
  expect(error.stack).toMatch(/^FalLlmError: too late\n/)
  expect(inspect(error)).toMatch(/^FalLlmError: too late\n/)
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: 'FalLlmError', code: 'timeout' })
  expect(error.with({ status: 504 }).stack).toBe(error.stack)
  expect(toFalLlmError(error)).toBe(error)
})

test('a minified build prints it the same', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      lib: { entry: new URL('errors.ts', import.meta.url).pathname, formats: ['es'] },
    },
  })
  // A library of one format has one output of one chunk.
  const [{ output }] = built as [Rollup.RollupOutput]
  const [{ code }] = output
  expect(code).not.toContain('class FalLlmError')
  const minified: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const { FalLlmError: Minified } = minified as { FalLlmError: typeof FalLlmError }
  const error = new Minified('timeout', 'too late')
  expect(Minified.name).toBe('FalLlmError')
  expect(error.stack).toMatch(/^FalLlmError: too late\n/)
  expect(inspect(error)).toMatch(/^FalLlmError: too late\n/)
})
